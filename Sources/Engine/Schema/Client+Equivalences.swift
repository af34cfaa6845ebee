import Catalog
import Concurrency
import Postgres
import Query
import Telemetry
import Text

extension Client {
    /// Returns the server's answers to the questions of a comparison: one statement for all, or one for each if that fails.
    ///
    /// A question that the server refuses, for example for an invalid expression, has no answer. Both sides then count as different.
    ///
    /// - Parameter connection: one that the caller holds, outside transactions; nil for any of the pool.
    func answers(to questions: Set<Equivalences.Question>, on connection: Connection? = nil, _ context: RequestContext) throws(Failure) -> Equivalences {
        var answers = Equivalences()
        for group in Equivalences.groups(questions) {
            if try learn(group, on: connection, context, &answers) || group.count == 1 { continue }
            for question in group { _ = try learn([question], on: connection, context, &answers) }
        }
        return answers
    }

    /// Returns false if the server refuses the statement.
    private func learn(
        _ questions: [Equivalences.Question], on connection: Connection?, _ context: RequestContext, _ answers: inout Equivalences
    ) throws(Failure) -> Bool {
        var answer = ByteBuffer(capacity: 4096)
        telemetry.databaseQueries.add()
        let text = Equivalences.statement(questions)
        do throws(Failure) {
            try pool.runRaw(
                text, ParameterList(), RawAnswer(.table), on: connection, limit: Limits.catalogBytes, until: context.deadline,
                cancellation: context.cancellation, into: &answer)
        } catch {
            // Why only these classes: the statement's own text is wrong then. Any other error concerns the caller.
            guard let state = error.sqlState, ["0A", "22", "42", "54"].contains(state.prefix(2)) else { throw error }
            return false
        }
        let row = try JSONDocument(scanning: answer.bytes).root["rows"]?.elements.first { _ in true }
        if let plan = row?.elements.first(where: { _ in true }) { answers.learn(questions, from: plan) }
        return true
    }
}
