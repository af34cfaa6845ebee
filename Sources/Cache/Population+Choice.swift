/// How the item is chosen that has to go from the main store.
extension Population {
    func worth(of item: Item) -> Worth { Worth(item.touch, size: item.size) }

    /// The place of the item of the least worth, of some taken at random and of the runners-up of earlier choices, and its score.
    ///
    /// What is known may be old; uses only raise it, so whoever is least by what is known is looked at, until that does not change it.
    mutating func worst() -> (place: Int, score: Float)? {
        guard main.count > 0 else { return nil }
        runnersUp.keep { $0 < main.count && main[$0] == $1 }
        return withUnsafeTemporaryAllocation(of: Int.self, capacity: samples / 8) { groups in
            // Why groups of eight neighbours: they lie in one cache line; and why now: so that all of them load at once.
            let (count, last) = ((main.count + 7) / 8, max(main.count - 8, 0))
            for index in groups.indices {
                let group = min(random.below(count) &* 8, last)
                Memory.prefetch(worths.base + group)
                groups[index] = group
            }
            while true {
                let least = main.count < 8 ? leastOfFew() : least(of: groups)
                if let item = Item(address: main[least.first.place]) {
                    // Why: it is likely to go.
                    item.prefetch()
                    if item.touch.tick != worths[least.first.place].tick {
                        worths[least.first.place] = worth(of: item)
                        continue
                    }
                }
                remember(least.second)
                return least.first
            }
        }
    }

    /// The two that seem to be worth least.
    private struct Least {
        typealias Candidate = (place: Int, score: Float)
        var first: Candidate = (-1, .infinity)
        /// May be nobody, with a place of -1.
        var second: Candidate = (-1, .infinity)

        @inline(__always)
        mutating func consider(_ place: Int, _ score: Float) {
            if score >= second.score || place == first.place { return }
            if score < first.score { (first, second) = ((place, score), first) } else { second = (place, score) }
        }
    }

    /// Of eight columns, the least of each: so the second may be missed that stands in the column of the first.
    private mutating func least(of groups: UnsafeMutableBufferPointer<Int>) -> Least {
        // Why pointers: this loop is a good part of what an insertion costs.
        let worths = UnsafePointer(worths.base)
        let (tick, theme) = (tick, theme)
        var scores = SIMD8<Float>(repeating: .infinity)
        var places = SIMD8<Int32>(repeating: 0)
        for group in groups {
            let others = Worth.scores(worths + group, at: tick, theme)
            let isLess = others .< scores
            scores.replace(with: others, where: isLess)
            places.replace(with: SIMD8(repeating: Int32(truncatingIfNeeded: group)), where: isLess)
        }
        var least = Least()
        for index in 0..<runnersUp.count { least.consider(runnersUp[index], worths[runnersUp[index]].score(at: tick, theme)) }
        for column in 0..<8 { least.consider(Int(places[column]) + column, scores[column]) }
        return least
    }

    private mutating func leastOfFew() -> Least {
        var least = Least()
        for place in 0..<main.count { least.consider(place, worths[place].score(at: tick, theme)) }
        return least
    }

    /// The second is looked at the next time, and is likely to be the next one to go.
    private mutating func remember(_ second: Least.Candidate) {
        guard second.place >= 0, let item = Item(address: main[second.place]) else { return }
        item.prefetch()
        runnersUp.offer(second.place, item.address, second.score)
    }
}

/// Items that were nearly chosen: looked at first the next time.
struct RunnersUp<Address: Equatable> {
    private var known: [(place: Int, address: Address, score: Float)] = []
    private static var most: Int { 8 }

    var count: Int { known.count }
    subscript(index: Int) -> Int { known[index].place }

    mutating func keep(where condition: (_ place: Int, _ address: Address) -> Bool) {
        var index = 0
        while index < known.count {
            if condition(known[index].place, known[index].address) {
                index += 1
            } else {
                known.swapAt(index, known.count - 1)
                known.removeLast()
            }
        }
    }

    mutating func offer(_ place: Int, _ address: Address, _ score: Float) {
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
