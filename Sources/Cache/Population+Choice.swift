/// How the item is chosen that has to go from the main store.
extension Population {
    func worth(of item: Item) -> Worth { Worth(item.touch, size: item.size) }

    /// The place of the item of the least worth, of some taken at random and of the runners-up of earlier choices, and its score.
    ///
    /// What is known may be old; uses only raise it, so whoever is least by what is known is looked at, until that does not change it.
    mutating func worst() -> (place: Int, score: Int32)? {
        guard main.count > 0 else { return nil }
        runnersUp.keep { $0 < main.count && main[$0] == $1 }
        return withUnsafeTemporaryAllocation(of: Int.self, capacity: samples / 8) { groups in
            // Why groups of eight neighbours: they lie in one cache line; and why now: so that all of them load at once.
            for index in groups.indices {
                groups[index] = random.below((main.count + 7) / 8) * 8
                Memory.prefetch(worths.base + groups[index])
            }
            while true {
                let least = least(of: groups)
                guard let item = Item(address: main[least.first.place]), item.touch.tick != worths[least.first.place].tick else {
                    remember(least.second)
                    return least.first
                }
                worths[least.first.place] = worth(of: item)
            }
        }
    }

    private typealias Candidate = (place: Int, score: Int32)
    private static var nobody: Candidate { (-1, .max) }

    /// The two that seem to be worth least; the second may be `nobody`.
    private func least(of groups: UnsafeMutableBufferPointer<Int>) -> (first: Candidate, second: Candidate) {
        let tick = tick
        let theme = theme
        // Why a pointer: this loop is a good part of what an insertion costs.
        let worths = worths.base
        let count = main.count
        var first = Self.nobody
        var second = Self.nobody
        @inline(__always) func consider(_ place: Int) {
            let score = worths[place].score(at: tick, theme)
            if score < second.score { rank(place, score) }
        }
        @inline(never) func rank(_ place: Int, _ score: Int32) {
            if place == first.place { return }
            if score < first.score { (first, second) = ((place, score), first) } else { second = (place, score) }
        }
        for index in 0..<runnersUp.count { consider(runnersUp[index]) }
        for group in groups {
            var place = group
            let end = min(group &+ 8, count)
            while place < end {
                consider(place)
                place &+= 1
            }
        }
        return (first, second)
    }

    /// The second is looked at the next time, and is likely to be the next one to go.
    private mutating func remember(_ second: Candidate) {
        guard second.place >= 0, let item = Item(address: main[second.place]) else { return }
        item.prefetch()
        runnersUp.offer(second.place, item.address, second.score)
    }
}

/// Items that were nearly chosen: looked at first the next time.
struct RunnersUp<Address: Equatable> {
    private var known: [(place: Int, address: Address, score: Int32)] = []
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

    mutating func offer(_ place: Int, _ address: Address, _ score: Int32) {
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
