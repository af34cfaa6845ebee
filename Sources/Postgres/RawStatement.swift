import Locking
import Text

/// SQL text of the caller's own, numbered like the statements of plans so that connections can keep it prepared.
struct RawStatement {
    let statement: Statement
    /// The types of the parameters, where the caller says them; 0 and what is missing is inferred by the server.
    let types: [UInt32]
}

/// The raw statements that were sent lately, under their text. Any thread.
final class RawStatements: Sendable {
    private enum Limits {
        /// Beyond this all are forgotten: whoever writes values into the text gains nothing by keeping it.
        static let count = 500
        /// Longer text is prepared once and not kept.
        static let bytes = 32_768
    }

    private struct Key: Hashable {
        var text: String
        var types: [UInt32]
    }

    private let known = Lock<[Key: Statement]>([:])

    func find(_ text: String, types: [UInt32], parameterCount: Int) -> RawStatement {
        let make = { Statement(text: text, slots: Array(0..<parameterCount)) }
        guard text.utf8.count <= Limits.bytes else { return RawStatement(statement: make(), types: types) }
        let key = Key(text: text, types: types)
        let statement = known.withLock { known in
            if let statement = known[key], statement.slots.count == parameterCount { return statement }
            if known.count >= Limits.count { known.removeAll() }
            let statement = make()
            known[key] = statement
            return statement
        }
        return RawStatement(statement: statement, types: types)
    }
}
