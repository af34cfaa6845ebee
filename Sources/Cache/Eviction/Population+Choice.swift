/// How the item is chosen that has to go from the main store.
extension Population {
    func worth(of item: Item) -> Worth { Worth(item.touch, size: item.size) }

    /// The place of the item of the least worth, of some taken at random and of those that came near in the last choice, and its score.
    ///
    /// What is known may be old; uses only raise it, so whoever is least by what is known is looked at, until that does not change it.
    mutating func worst() -> (place: Int, score: Float)? {
        guard main.count > 0 else { return nil }
        return withUnsafeTemporaryAllocation(of: Int.self, capacity: samples / 8) { groups in
            // Why groups of eight neighbours: they lie in one cache line; and why now: so that all of them load at once.
            let (count, last) = ((main.count + 7) / 8, max(main.count - 8, 0))
            for index in groups.indices {
                let group = min(random.below(count) &* 8, last)
                Memory.prefetch(worths.base + group)
                groups[index] = group
            }
            while true {
                var least = main.count < 8 ? leastOfFew() : least(of: groups)
                let column = least.column
                let (place, score) = (least.place(column), least.scores[column])
                if let item = Item(address: main[place]), item.touch.tick != worths[place].tick {
                    worths[place] = worth(of: item)
                    continue
                }
                least.scores[column] = .infinity
                let next = least.place(least.column)
                // Why: it is likely to go next.
                if next < main.count { Item(address: main[next])?.prefetch() }
                runnersUp = least.groups
                return (place, score)
            }
        }
    }

    /// In eight columns, as they lie side by side in groups: the least of each, by the place where its group begins, and its score.
    struct Least {
        var groups: SIMD8<Int32>
        var scores = SIMD8<Float>(repeating: .infinity)

        /// The column of the least of all. Why not a search that ends early: nothing about it can be predicted.
        @inline(__always)
        var column: Int {
            var (column, least) = (0, scores[0])
            for other in 1..<8 {
                let isLess = scores[other] < least
                column = isLess ? other : column
                least = isLess ? scores[other] : least
            }
            return column
        }

        func place(_ column: Int) -> Int { Int(groups[column]) + column }
    }

    /// Those of the last choice take part again: whoever stands at their places now.
    @inline(__always)
    private func least(of groups: UnsafeMutableBufferPointer<Int>) -> Least {
        // Why pointers: this loop is a good part of what an insertion costs.
        let worths = UnsafePointer(worths.base)
        let (tick, theme) = (tick, theme)
        var least = Least(groups: runnersUp)
        least.groups.replace(with: 0, where: runnersUp .> Int32(truncatingIfNeeded: main.count - 8))
        var known = SIMD8<UInt32>()
        for column in 0..<8 { known[column] = worths[least.place(column)].word }
        least.scores = Worth.scores(known, at: tick, theme)
        for group in groups {
            let others = Worth.scores(worths + group, at: tick, theme)
            let isLess = others .< least.scores
            least.scores.replace(with: others, where: isLess)
            least.groups.replace(with: SIMD8(repeating: Int32(truncatingIfNeeded: group)), where: isLess)
        }
        return least
    }

    private func leastOfFew() -> Least {
        var least = Least(groups: SIMD8(repeating: 0))
        for place in 0..<main.count {
            least.scores[place] = worths[place].score(at: tick, theme)
        }
        return least
    }
}
