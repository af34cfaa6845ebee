import CLinux
import Text

// The server gets a sampled trace in the form of sqlcommenter: `SELECT … /*traceparent='00-…-01'*/`. It then appears in the
// server's log, in pg_stat_activity and in the output of auto_explain.
//
// Such a statement is sent as text and not prepared, because its comment differs each time. The server plans it again. Only the few
// requests that the caller sampled pay for that.

extension Connection {
    /// True if statements are sent as text instead of by their prepared names.
    var isUnprepared: Bool { statements.isOff || trace.isSampled || mayHaveForgotten }

    /// Sends a statement as text. Its values have been bound to `values` before.
    func sendText(of statement: Statement, types: [UInt32] = [], binary: Bool) throws(ConnectionError) {
        let count = statement.slots.count
        guard let parent = trace.parent, parent.isSampled else {
            return try check(session.sendQuery(text: statement.text, types: types, values: values, count: count, binary: binary))
        }
        var text = ByteBuffer(capacity: 1024)
        text.append(UnsafeRawBufferPointer(start: statement.text, count: strlen(statement.text)))
        // Why: a raw statement may end in a line comment, and the trace would become part of it.
        text.append(strstr(statement.text, "--") == nil ? " /*traceparent='" : "\n/*traceparent='")
        parent.write(into: &text)
        text.append("'*/\0")
        guard let start = text.bytes.baseAddress else { return }
        try check(
            session.sendQuery(
                text: start.assumingMemoryBound(to: CChar.self), types: types, values: values, count: count, binary: binary))
    }
}
