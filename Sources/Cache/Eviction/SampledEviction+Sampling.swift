/// Chooses the item that has to leave the main store.
extension SampledEviction {
    func storedScore(of item: Item) -> EvictionScore { EvictionScore(item.accessRecord, size: item.size) }

    /// Returns the place and the score of the item with the least score. It chooses among random items and the runners-up of the last choice.
    ///
    /// Stored scores may be old, and uses only raise a score. So the item with the least stored score is updated, until its update
    /// does not change the choice.
    mutating func sampleMinimum() -> (place: Int, score: Float)? {
        guard main.count > 0 else { return nil }
        return withUnsafeTemporaryAllocation(of: Int.self, capacity: sampleSize / 8) { groups in
            // Why groups of eight neighbours: they share a cache line. Why now: all of them load at once.
            let (count, last) = ((main.count + 7) / 8, max(main.count - 8, 0))
            for index in groups.indices {
                let group = min(random.below(count) &* 8, last)
                Memory.prefetch(storedScores.base + group)
                groups[index] = group
            }
            while true {
                var minima = main.count < 8 ? minimaOfFew() : minima(of: groups)
                let column = minima.column
                let (place, score) = (minima.place(column), minima.scores[column])
                if let item = Item(address: main[place]), item.accessRecord.tick != storedScores[place].tick {
                    storedScores[place] = storedScore(of: item)
                    continue
                }
                minima.scores[column] = .infinity
                let next = minima.place(minima.column)
                // Why: it is likely to be next.
                if next < main.count { Item(address: main[next])?.prefetch() }
                candidatePool = minima.groups
                return (place, score)
            }
        }
    }

    /// The least score in each of eight columns, with the place where its group begins.
    struct SampleMinima {
        var groups: SIMD8<Int32>
        var scores = SIMD8<Float>(repeating: .infinity)

        /// The column of the least score. Why not a search that ends early: its branches cannot be predicted.
        @inline(__always)
        var column: Int {
            var (column, minima) = (0, scores[0])
            for other in 1..<8 {
                let isLess = scores[other] < minima
                column = isLess ? other : column
                minima = isLess ? scores[other] : minima
            }
            return column
        }

        func place(_ column: Int) -> Int { Int(groups[column]) + column }
    }

    /// Returns the minima of the groups. The runners-up of the last choice take part, as the items that are at their places now.
    @inline(__always)
    private func minima(of groups: UnsafeMutableBufferPointer<Int>) -> SampleMinima {
        // Why pointers: this loop is a large part of the cost of an insertion.
        let storedScores = UnsafePointer(storedScores.base)
        let (tick, parameters) = (tick, parameters)
        var minima = SampleMinima(groups: candidatePool)
        minima.groups.replace(with: 0, where: candidatePool .> Int32(truncatingIfNeeded: main.count - 8))
        var known = SIMD8<UInt32>()
        for column in 0..<8 { known[column] = storedScores[minima.place(column)].word }
        minima.scores = EvictionScore.scores(known, at: tick, parameters)
        for group in groups {
            let others = EvictionScore.scores(storedScores + group, at: tick, parameters)
            let isLess = others .< minima.scores
            minima.scores.replace(with: others, where: isLess)
            minima.groups.replace(with: SIMD8(repeating: Int32(truncatingIfNeeded: group)), where: isLess)
        }
        return minima
    }

    private func minimaOfFew() -> SampleMinima {
        var minima = SampleMinima(groups: SIMD8(repeating: 0))
        for place in 0..<main.count {
            minima.scores[place] = storedScores[place].score(at: tick, parameters)
        }
        return minima
    }
}
