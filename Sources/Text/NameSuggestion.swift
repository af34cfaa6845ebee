/// Finds the known name nearest to one that is not known, for error messages.
package struct NameSuggestion {
    /// How many comparisons are left. Why: a text full of mistakes must not cost more than it is worth.
    private var comparisonsLeft: Int

    package init(comparisons: Int = 100_000) { comparisonsLeft = comparisons }

    /// The nearest of a few names.
    package static func nearest(to name: String, among candidates: [String]) -> String? {
        var suggestion = NameSuggestion()
        return suggestion.nearest(to: name, in: candidates)
    }

    /// Returns the candidate with the smallest edit distance, the first among equals. Nil when a third of the letters or more differ. A
    /// name that differs in case alone is nearest.
    package mutating func nearest(to name: String, in candidates: some Sequence<String>) -> String? {
        let wanted = Array(name.utf8.map(Self.lowered))
        guard !wanted.isEmpty, wanted.count <= TextLimit.suggestedNameBytes else { return nil }
        var bestDistance = max(1, wanted.count / 3) + 1
        var best: String?
        for candidate in candidates {
            guard comparisonsLeft > 0 else { break }
            comparisonsLeft -= 1
            let length = candidate.utf8.count
            guard length <= TextLimit.suggestedNameBytes, abs(length - wanted.count) < bestDistance else { continue }
            let distance = Self.distance(wanted, Array(candidate.utf8.map(Self.lowered)))
            if distance < bestDistance {
                bestDistance = distance
                best = candidate
                if distance == 0 { break }
            }
        }
        return best
    }

    private static func lowered(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }

    /// Insertions, deletions, replacements and swaps of neighbours that lead from one to the other.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var beforePrevious = [Int](repeating: 0, count: right.count + 1)
        var previous = Array(0...right.count)
        var current = previous
        for i in left.indices {
            current[0] = i + 1
            for j in right.indices {
                let replaced = previous[j] + (left[i] == right[j] ? 0 : 1)
                var cost = min(replaced, previous[j + 1] + 1, current[j] + 1)
                if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                    cost = min(cost, beforePrevious[j - 1] + 1)
                }
                current[j + 1] = cost
            }
            (beforePrevious, previous, current) = (previous, current, beforePrevious)
        }
        return previous[right.count]
    }
}
