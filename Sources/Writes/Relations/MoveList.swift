/// The moves of one write in order, found by the keys that they change.
///
/// A write of many may move thousands, so no look-up passes over all of them.
struct MoveList {
    /// A record before and after one of its keys changed.
    struct Move {
        let model: Int
        let before: WriteExecutor.Record
        let after: WriteExecutor.Record
    }

    /// The fields of a model by whose values moves are found.
    private struct Key: Hashable {
        let model: Int
        let fields: [Int]
    }

    /// The moves under the values that the fields had before them, in order.
    private struct Table {
        var places: [[UInt8]: [Int]] = [:]
        /// How many moves it covers.
        var covered = 0
    }

    private var moves: [Move] = []
    private var tables: [Key: Table] = [:]

    var count: Int { moves.count }

    subscript(_ place: Int) -> Move { moves[place] }

    mutating func append(_ move: Move) { moves.append(move) }

    /// Returns the place of the first move, from `start` on, of a record of the model that had these values in the fields. Nil if there is
    /// none.
    /// - Parameters:
    ///   - values: as `text` gives them.
    ///   - text: the values that a record has in the fields; nil if one of them is unknown or NULL.
    mutating func first(
        from start: Int, of model: Int, _ fields: [Int], _ values: [UInt8], text: (WriteExecutor.Record, [Int]) -> [UInt8]?
    ) -> Int? {
        let key = Key(model: model, fields: fields)
        // Why taken out: a table that stays in the dictionary would be copied at each change.
        var table = tables.removeValue(forKey: key) ?? Table()
        for place in table.covered..<moves.count where moves[place].model == model {
            if let former = text(moves[place].before, fields) { table.places[former, default: []].append(place) }
        }
        table.covered = moves.count
        defer { tables[key] = table }
        guard let places = table.places[values] else { return nil }
        var (low, high) = (0, places.count)
        while low < high {
            let middle = (low + high) / 2
            if places[middle] < start { low = middle + 1 } else { high = middle }
        }
        return low < places.count ? places[low] : nil
    }
}
