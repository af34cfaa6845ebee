import CLinux
import Concurrency
import Telemetry
import Text

/// Logs the statements that a connection runs, and their durations. It exists only if the log records either.
///
/// Several statements share a round trip. A statement's duration lasts from the sending, or from the previous reply, until its own reply is
/// complete. It includes the network, the preparation in the same pipeline, and the transfer of the rows.
///
/// It belongs to its connection, and so to one thread at a time.
final class StatementTracer {
    private let log: Log
    private var start = Deadline.never
    /// When each statement of the round trip was answered, and how many rows it returned or changed.
    private var marks: [(end: Deadline, rows: Int?)] = []
    /// Number of replies to come first that belong to no logged statement.
    private var ignored = 0
    /// Duration of a ROLLBACK that is not logged yet, in nanoseconds.
    private var rollback: Int64?

    /// Returns nil if the log records nothing about statements.
    init?(_ log: Log?) {
        guard let log, log.has(.query) || log.has(.warn) else { return nil }
        self.log = log
    }

    /// Statements are sent from now on.
    func begin() {
        start = .now
        marks.removeAll(keepingCapacity: true)
        ignored = 0
    }

    /// What was sent first is answered, and is not logged.
    func restart() { start = .now }

    /// The next replies belong to statements that the connection sends for itself.
    func ignore(_ count: Int) { ignored += count }

    /// The next statement was answered.
    func mark(rows: Int?) {
        if ignored > 0 { ignored -= 1 } else { marks.append((.now, rows)) }
    }

    /// A ROLLBACK that began at `start` has ended.
    func rolledBack(since start: Deadline) { rollback = Deadline.now.nanoseconds &- start.nanoseconds }

    /// What a log entry says beside the statement.
    struct Context {
        var trace: Trace
        /// True if the text is the caller's own.
        var isRaw = false
    }

    /// All statements succeeded.
    func end(_ sent: [Statement], _ parameters: borrowing ParameterList, _ results: borrowing ResultSet, _ context: Context) {
        while marks.count < sent.count { mark(rows: results.replies.last?.affectedRows) }
        tell(sent, parameters, nil, context)
    }

    /// One statement failed. Those after it did not run.
    func fail(_ sent: [Statement], _ parameters: borrowing ParameterList, _ connectionError: Connection.ConnectionError, _ context: Context) {
        if marks.count < sent.count {
            marks.append((.now, nil))
            tell(sent, parameters, connectionError, context)
        }
        tellRollback(context.trace)
    }

    /// Logs one statement of a round trip that it shares with other callers' statements. `start` is when it began.
    func tell(
        _ statement: Statement, _ parameters: borrowing ParameterList, since start: Deadline, rows: Int?,
        _ connectionError: Connection.ConnectionError?, _ context: Context
    ) {
        begin()
        self.start = start
        mark(rows: rows)
        tell([statement], parameters, connectionError, context)
    }

    private func tell(
        _ sent: [Statement], _ parameters: borrowing ParameterList, _ connectionError: Connection.ConnectionError?, _ context: Context
    ) {
        var before = start
        for (index, mark) in marks.enumerated() where index < sent.count {
            let duration = mark.end.nanoseconds &- before.nanoseconds
            before = mark.end
            let statement = sent[index]
            if log.has(.query) {
                var event = LogEvent(.query, target: "database", in: log)
                event.add("query", statement.bytes, context.trace)
                if log.settings.showsParameters { event.add(parameters: parameters, statement.slots) }
                event.add("duration", nanoseconds: duration)
                if let rows = mark.rows { event.add("rows", rows) }
                if let connectionError, index == marks.count - 1 { event.add("error", connectionError.word) }
                event.add(context.trace)
                log.add(event)
            }
            if log.has(.warn), duration >= log.settings.slowNanoseconds { warn(statement, duration, context) }
        }
    }

    /// Logs a slow statement.
    private func warn(_ statement: Statement, _ duration: Int64, _ context: Context) {
        var event = LogEvent(.warn, target: "database", in: log)
        event.add("message", "A statement was slow.")
        // Why: a caller's own text may hold values, which are shown at level query alone.
        if !context.isRaw { event.add("query", statement.bytes) }
        event.add("duration", nanoseconds: duration)
        event.add(context.trace)
        log.add(event)
    }

    func tellRollback(_ trace: Trace) {
        guard let duration = rollback else { return }
        rollback = nil
        if log.has(.query) {
            var event = LogEvent(.query, target: "database", in: log)
            event.add("query", "ROLLBACK")
            if log.settings.showsParameters { event.add("params", "[]") }
            event.add("duration", nanoseconds: duration)
            event.add(trace)
            log.add(event)
        }
        log.tell(.warn, "database", "A transaction was rolled back.", trace)
    }

    /// Logs that a prepared statement was outdated or forgotten.
    func tellForgotten(_ trace: Trace) {
        log.tell(.warn, "database", "A prepared statement no longer fits the database, and is prepared again.", trace)
    }
}

extension Statement {
    fileprivate var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: text, count: strlen(text)) }
}

extension Connection.ConnectionError {
    /// The server's SQLSTATE, or a word for another cause.
    fileprivate var word: String {
        switch self {
        case .server(let error): error.sqlState
        case .deadline: "timeout"
        case .interrupted: "closed"
        case .cancelled: "cancelled"
        case .tooMuch: "too large"
        case .lost: "lost"
        }
    }
}
