import CLinux
import Text

// A sampled trace is told to the server in the form of sqlcommenter: `SELECT … /*traceparent='00-…-01'*/`. So it stands in the
// server's log, in pg_stat_activity and in what auto_explain writes.
//
// Such a statement is sent with its text, unprepared: its comment is another one each time. That costs the server a new plan, for the
// few requests that the program which began the trace picked out.

extension Connection {
    /// Statements go with their text.
    var isUnprepared: Bool { statements.isOff || trace.isSampled || mayHaveForgotten }

    /// Sends a statement, whose values are bound, with its text.
    func sendText(of statement: Statement, types: [UInt32] = [], binary: Bool) throws(ConnectionError) {
        let count = statement.slots.count
        guard let parent = trace.parent, parent.isSampled else {
            return try check(session.sendQuery(text: statement.text, types: types, values: values, count: count, binary: binary))
        }
        var text = ByteBuffer(capacity: 1024)
        text.append(UnsafeRawBufferPointer(start: statement.text, count: strlen(statement.text)))
        // Why: a raw statement may end in a comment that lasts until its line does.
        text.append(strstr(statement.text, "--") == nil ? " /*traceparent='" : "\n/*traceparent='")
        parent.write(into: &text)
        text.append("'*/\0")
        guard let start = text.bytes.baseAddress else { return }
        try check(
            session.sendQuery(
                text: start.assumingMemoryBound(to: CChar.self), types: types, values: values, count: count, binary: binary))
    }
}
