import CLinux
import Text

// The server gets a request's `comments` and a sampled trace in the form of sqlcommenter: `SELECT … /*route='%2Fusers',traceparent='00-…-01'*/`.
// They then appear in the server's log, in pg_stat_activity and in the output of auto_explain.
//
// Such a statement is sent as text and not prepared, because its comment differs from one request to the next. The server plans it again. Only
// requests that the caller sampled, or gave comments, pay for that.

extension Connection {
    /// True if statements are sent as text instead of by their prepared names.
    var isUnprepared: Bool { statements.isOff || trace.isInStatements || mayHaveForgotten }

    /// Sends a statement as text. Its values have been bound to `values` before.
    func sendText(of statement: Statement, types: [UInt32] = [], binary: Bool) throws(ConnectionError) {
        let count = statement.slots.count
        guard trace.isInStatements else {
            return try check(session.sendQuery(text: statement.text, types: types, values: values, count: count, binary: binary))
        }
        var text = ByteBuffer(capacity: 1024)
        text.append(UnsafeRawBufferPointer(start: statement.text, count: strlen(statement.text)))
        trace.appendComment(to: &text, isAfterLineComment: strstr(statement.text, "--") != nil)
        text.append(UInt8(0))
        guard let start = text.bytes.baseAddress else { return }
        try check(
            session.sendQuery(
                text: start.assumingMemoryBound(to: CChar.self), types: types, values: values, count: count, binary: binary))
    }
}
