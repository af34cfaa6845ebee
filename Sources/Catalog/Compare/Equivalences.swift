package import Text

/// The server's answers about pairs of types and expressions: whether both are the same.
///
/// The server prints both as its planner understands them, with constants evaluated. Two that are printed alike are the same. `EXPLAIN`
/// executes nothing, changes nothing, and works on a standby.
///
///     EXPLAIN (VERBOSE, COSTS OFF, FORMAT JSON) SELECT CAST((ARRAY[-1]) AS integer[]), CAST(('{-1}'::integer[]) AS integer[])
///     → "Output": ["'{-1}'::integer[]", "'{-1}'::integer[]"]
package struct Equivalences: Sendable {
    package enum Question: Sendable, Hashable {
        /// Two types.
        case type(String, String)
        /// Two expressions as values of a type.
        case value(String, String, type: String)
        /// Two expressions over the columns of a table, as values of a type.
        case rowValue(String, String, type: String, table: String)

        fileprivate var pair: [String] {
            switch self {
            case .type(let left, let right): ["CAST(NULL AS \(left))", "CAST(NULL AS \(right))"]
            case .value(let left, let right, let type), .rowValue(let left, let right, let type, _):
                ["CAST((\(left)) AS \(type))", "CAST((\(right)) AS \(type))"]
            }
        }

        fileprivate var table: String? {
            if case .rowValue(_, _, _, let table) = self { return table }
            return nil
        }
    }

    private var same: Set<Question> = []

    package init() {}

    package func areSame(_ question: Question) -> Bool { same.contains(question) }

    // MARK: Asking

    /// Groups the questions by statement: those over no table, and those over one table each.
    package static func groups(_ questions: Set<Question>) -> [[Question]] {
        var sorted = Array(questions)
        sorted.sort(byKey: { ObjectName($0.pair.joined(separator: "\n"), in: "") })
        return Dictionary(grouping: sorted) { ExactString($0.table ?? "") }.values.flatMap { group in
            stride(from: 0, to: group.count, by: questionsOfAStatement).map { Array(group[$0..<min($0 + questionsOfAStatement, group.count)]) }
        }
    }

    /// Why a limit: a row of the server has at most 1664 columns.
    private static let questionsOfAStatement = 500

    /// - Parameter questions: one of the groups.
    package static func statement(_ questions: [Question]) -> String {
        let list = questions.flatMap(\.pair).joined(separator: ", ")
        let source = questions.first?.table.map { " FROM \($0)" } ?? ""
        return "EXPLAIN (VERBOSE, COSTS OFF, FORMAT JSON) SELECT \(list)\(source)"
    }

    /// - Parameter answer: the plan as the server writes it, a list of one object.
    package mutating func learn(_ questions: [Question], from answer: JSONValue) {
        let plan = answer.elements.first { _ in true }?["Plan"]
        let printed = plan?["Output"].map { $0.elements.map { $0.string ?? "" } } ?? []
        guard printed.count == 2 * questions.count else { return }
        for (position, question) in questions.enumerated() where printed[2 * position].isExactly(printed[2 * position + 1]) { same.insert(question) }
    }
}
