/// How the item is chosen that has to go from the main store.
extension Population {
    func worth(of item: Item) -> Worth { Worth(item.touch, size: item.size) }

    /// The place of the item of the least worth, of some taken at random and of the runners-up of earlier choices, and its score.
    mutating func worst() -> (place: Int, score: Int32)? {
        guard main.count > 0 else { return nil }
        return withUnsafeTemporaryAllocation(of: Int32.self, capacity: 2 * (samples + RunnersUp.most)) { memory in
            let half = memory.count / 2
            var candidates = Candidates(
                places: UnsafeMutableBufferPointer(rebasing: memory[..<half]), scores: UnsafeMutableBufferPointer(rebasing: memory[half...]))
            gather(&candidates)
            let best = settle(&candidates)
            let score = candidates.scores[best]
            candidates.forget(candidates.places[best])
            runnersUp.forget(candidates.places[best])
            if let second = candidates.least(), let item = Item(address: main[candidates.place(second)]) {
                runnersUp.offer(candidates.places[second], item.address, candidates.scores[second])
                // Why: it is likely to be the next one to go.
                item.prefetch()
            }
            return (candidates.place(best), score)
        }
    }

    /// Fills in the candidates with what is known of them.
    private mutating func gather(_ candidates: inout Candidates) {
        let tick = tick
        for index in (0..<runnersUp.count).reversed() {
            let (place, address) = runnersUp[index]
            if Int(place) < main.count, main[Int(place)] == address {
                candidates.add(place, worths[Int(place)].score(at: tick, theme))
            } else {
                runnersUp.remove(index)
            }
        }
        // Why groups of eight neighbours: they lie in one cache line; and why in two rounds: so that all groups load at once.
        let groups = (main.count + 7) / 8
        withUnsafeTemporaryAllocation(of: Int.self, capacity: samples / 8) { firsts in
            for index in firsts.indices {
                firsts[index] = random.below(groups) * 8
                Memory.prefetch(worths.base + firsts[index])
            }
            for first in firsts {
                if first + 8 <= main.count {
                    let words = UnsafeRawPointer(worths.base + first).loadUnaligned(as: SIMD8<UInt32>.self)
                    candidates.add(eight: first, Worth.scores(words, at: tick, theme))
                } else {
                    for place in first..<main.count { candidates.add(Int32(truncatingIfNeeded: place), worths[place].score(at: tick, theme)) }
                }
            }
        }
    }

    /// The candidate of the least worth. What is known may be old; uses only raise it, so whoever is least by what is known is looked
    /// at, until that does not change it.
    private mutating func settle(_ candidates: inout Candidates) -> Int {
        while true {
            let best = candidates.least() ?? 0
            let place = candidates.place(best)
            guard let item = Item(address: main[place]), item.touch.tick != worths[place].tick else { return best }
            worths[place] = worth(of: item)
            candidates.scores[best] = worths[place].score(at: tick, theme)
        }
    }
}

/// Places in the main store and their scores.
private struct Candidates {
    let places: UnsafeMutableBufferPointer<Int32>
    let scores: UnsafeMutableBufferPointer<Int32>
    private(set) var count = 0

    init(places: UnsafeMutableBufferPointer<Int32>, scores: UnsafeMutableBufferPointer<Int32>) {
        self.places = places
        self.scores = scores
    }

    func place(_ index: Int) -> Int { Int(places[index]) }

    @inline(__always)
    mutating func add(_ place: Int32, _ score: Int32) {
        places.initializeElement(at: count, to: place)
        scores.initializeElement(at: count, to: score)
        count += 1
    }

    @inline(__always)
    mutating func add(eight first: Int, _ eight: SIMD8<Int32>) {
        let numbers = SIMD8<Int32>(0, 1, 2, 3, 4, 5, 6, 7) &+ Int32(truncatingIfNeeded: first)
        UnsafeMutableRawBufferPointer(places).storeBytes(of: numbers, toByteOffset: count * 4, as: SIMD8<Int32>.self)
        UnsafeMutableRawBufferPointer(scores).storeBytes(of: eight, toByteOffset: count * 4, as: SIMD8<Int32>.self)
        count += 8
    }

    /// A place that has been chosen counts no more.
    func forget(_ place: Int32) {
        for index in 0..<count where places[index] == place { scores[index] = .max }
    }

    func least() -> Int? {
        var least: Int?
        var score = Int32.max
        for index in 0..<count where scores[index] < score {
            least = index
            score = scores[index]
        }
        return least
    }
}

/// Items that were nearly chosen: looked at first the next time.
struct RunnersUp {
    private var known: [(place: Int32, address: UInt, score: Int32)] = []
    static let most = 8

    var count: Int { known.count }
    subscript(index: Int) -> (place: Int32, address: UInt) { (known[index].place, known[index].address) }

    /// The last one takes its number.
    mutating func remove(_ index: Int) {
        known.swapAt(index, known.count - 1)
        known.removeLast()
    }

    mutating func forget(_ place: Int32) {
        for index in known.indices where known[index].place == place { return remove(index) }
    }

    mutating func offer(_ place: Int32, _ address: UInt, _ score: Int32) {
        var highest = 0
        for index in known.indices {
            if known[index].place == place { return }
            if known[index].score > known[highest].score { highest = index }
        }
        if known.count < Self.most {
            known.append((place, address, score))
        } else if score < known[highest].score {
            known[highest] = (place, address, score)
        }
    }
}
