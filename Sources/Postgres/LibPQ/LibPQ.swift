import CLinux
import CPostgres

// The only file that calls libpq.

/// A session of libpq in non-blocking mode. It is closed when the value is destroyed.
///
/// Used by one thread at a time. Every call returns at once, except the initializer, which resolves host names.
struct Session: ~Copyable {
    /// Why a box: the owner holds the session as a constant, so its uses need no check for exclusive access.
    private let box: UnsafeMutablePointer<OpaquePointer?>

    /// Nil once the session is closed. libpq treats nil like a broken connection in every call.
    @inline(__always) private var handle: OpaquePointer? { box.pointee }

    /// Done before the first connection of the process.
    private static let keepsOpenSSL: Void = postgres_keep_openssl()

    /// Begins to connect; `poll` continues. Returns nil if memory is exhausted.
    init?(starting keywords: [(String, String)]) {
        _ = Session.keepsOpenSSL
        var names: [UnsafeMutablePointer<CChar>?] = keywords.map { CString.copy($0.0) }
        var values: [UnsafeMutablePointer<CChar>?] = keywords.map { CString.copy($0.1) }
        names.append(nil)
        values.append(nil)
        defer {
            for text in names { CString.erase(text) }
            for text in values { CString.erase(text) }
        }
        let constNames = names.map { UnsafePointer($0) }
        let constValues = values.map { UnsafePointer($0) }
        guard let handle = PQconnectStartParams(constNames, constValues, 0) else { return nil }
        box = .allocate(capacity: 1)
        box.initialize(to: handle)
        PQsetnonblocking(handle, 1)
        // Why: with SQLSTATE alone a failed login shows its cause in five characters, in every language of the server.
        PQsetErrorVerbosity(handle, PQERRORS_SQLSTATE)
        PQsetNoticeReceiver(handle, { _, _ in }, nil)
    }

    /// The values that libpq uses for settings that have none.
    static var inherited: [InheritedSetting] {
        guard let first = PQconndefaults() else { return [] }
        defer { PQconninfoFree(first) }
        var settings: [InheritedSetting] = []
        var option = first
        while let keyword = option.pointee.keyword {
            let builtin = option.pointee.compiled.map { String(cString: $0) }
            let value = option.pointee.val.map { String(cString: $0) }
            settings.append(
                InheritedSetting(keyword: String(cString: keyword), builtin: builtin, isForeign: value != nil && value != builtin))
            option += 1
        }
        return settings
    }

    deinit {
        close()
        box.deallocate()
    }

    /// Sends a goodbye to the server and closes the socket. Does not wait for either.
    func close() {
        PQfinish(handle)
        box.pointee = nil
    }

    enum Progress { case reading, writing, done, failed }

    func poll() -> Progress {
        switch PQconnectPoll(handle) {
        case PGRES_POLLING_OK: .done
        case PGRES_POLLING_READING: .reading
        case PGRES_POLLING_WRITING: .writing
        default: .failed
        }
    }

    /// How far a connect has come.
    enum Stage { case unreached, encrypting, authenticating, established, broken }

    var stage: Stage {
        switch PQstatus(handle) {
        case CONNECTION_OK: .established
        case CONNECTION_BAD: .broken
        case CONNECTION_SSL_STARTUP: .encrypting
        case CONNECTION_STARTED, CONNECTION_NEEDED: .unreached
        default: .authenticating
        }
    }

    var isEstablished: Bool { PQstatus(handle) == CONNECTION_OK }
    var descriptor: Int32 { PQsocket(handle) }
    /// A setting that the server reports by itself, such as `TimeZone`. Nil for other settings.
    func reportedSetting(_ name: StaticString) -> String? {
        name.withUTF8Buffer { name in
            PQparameterStatus(handle, UnsafeRawPointer(name.baseAddress)?.assumingMemoryBound(to: CChar.self)).map { String(cString: $0) }
        }
    }
    /// The reported settings that a statement can change.
    private static let settable: [StaticString] = [
        "TimeZone", "DateStyle", "IntervalStyle", "client_encoding", "standard_conforming_strings", "application_name", "search_path",
    ]
    var reportedSettings: [String?] { Session.settable.map { reportedSetting($0) } }
    /// True if the reported settings have these values. Takes a quarter of a microsecond and allocates nothing.
    func reports(_ values: [String?]) -> Bool {
        zip(Session.settable, values).allSatisfy { name, value in
            let reported = PQparameterStatus(handle, UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self))
            guard let reported, let value else { return reported == nil && value == nil }
            return value.withCString { strcmp($0, reported) == 0 }
        }
    }
    var backendIdentifier: Int32 { PQbackendPID(handle) }
    /// True if the login was complete, even if the connection was given up later.
    var wasLetIn: Bool { PQparameterStatus(handle, "server_version") != nil }
    /// libpq's own words. They can name the user and the host, so they stay inside the module.
    var message: String { PQerrorMessage(handle).map { String(cString: $0) } ?? "" }

    enum Transaction { case idle, active, open, failed, unknown }

    var transaction: Transaction {
        switch PQtransactionStatus(handle) {
        case PQTRANS_IDLE: .idle
        case PQTRANS_ACTIVE: .active
        case PQTRANS_INTRANS: .open
        case PQTRANS_INERROR: .failed
        default: .unknown
        }
    }

    typealias Values = UnsafePointer<UnsafePointer<CChar>?>

    // The send functions put messages into a buffer and write what the socket takes. Each returns whether that worked.

    func sendPrepare(name: UnsafePointer<CChar>, text: UnsafePointer<CChar>, types: [UInt32] = []) -> Bool {
        PQsendPrepare(handle, name, text, Int32(truncatingIfNeeded: types.count), types) == 1
    }

    func sendDescribe(name: UnsafePointer<CChar>) -> Bool { PQsendDescribePrepared(handle, name) == 1 }

    func sendExecute(name: UnsafePointer<CChar>, values: Values, count: Int, binary: Bool) -> Bool {
        PQsendQueryPrepared(handle, name, Int32(truncatingIfNeeded: count), values, nil, nil, binary ? 1 : 0) == 1
    }

    /// - Parameter types: either empty, or at least `count` entries.
    func sendQuery(
        text: UnsafePointer<CChar>, types: [UInt32] = [], values: Values?, count: Int, binary: Bool
    ) -> Bool {
        types.withUnsafeBufferPointer { types in
            PQsendQueryParams(
                handle, text, Int32(truncatingIfNeeded: count), types.count < count ? nil : types.baseAddress, values, nil,
                nil, binary ? 1 : 0) == 1
        }
    }

    /// Sends several statements in one message, outside a pipeline. Rows come as text.
    func sendScript(text: UnsafePointer<CChar>) -> Bool { PQsendQuery(handle, text) == 1 }
    func enterPipeline() -> Bool { PQenterPipelineMode(handle) == 1 }
    func sendSync() -> Bool { PQpipelineSync(handle) == 1 }
    /// The same without a system call of its own, where libpq can do that: `flush` sends it.
    func queueSync() -> Bool { postgres_queue_sync(handle) == 1 }
    static var queuesSyncs: Bool { postgres_queues_syncs() == 1 }
    /// Makes the server answer what was sent so far at once, and not only at the next sync.
    func sendFlush() -> Bool { PQsendFlushRequest(handle) == 1 }
    func exitPipeline() -> Bool { PQexitPipelineMode(handle) == 1 }

    enum Flushing { case complete, pending, failed }

    func flush() -> Flushing {
        switch PQflush(handle) {
        case 0: .complete
        case 1: .pending
        default: .failed
        }
    }

    func consumeInput() -> Bool { PQconsumeInput(handle) == 1 }
    /// True if `takeReply` would have to wait.
    var isBusy: Bool { PQisBusy(handle) == 1 }
    func takeReply() -> ResultHandle? { PQgetResult(handle).map { ResultHandle(handle: $0) } }

    /// Returns the next notification among the data that has been read. Nil if there is none.
    func takeNotification() -> Notification? {
        guard let notification = PQnotifies(handle) else { return nil }
        defer { PQfreemem(notification) }
        let payload = notification.pointee.extra.map { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) }
        return Notification(payload: payload ?? [], sender: notification.pointee.be_pid)
    }

    func dropNotifications() {
        while let notification = PQnotifies(handle) { PQfreemem(notification) }
    }

    /// Makes libpq set `flag` when the server reports an error that belongs to no statement. `flag` must outlive the session.
    func noteErrors(in flag: UnsafeMutablePointer<Bool>) {
        PQsetNoticeReceiver(
            handle,
            { flag, result in
                let letter = Int32(("V" as Unicode.Scalar).value)
                guard let flag, let severity = PQresultErrorField(result, letter) else { return }
                if ["ERROR", "FATAL", "PANIC"].contains(String(cString: severity)) {
                    flag.assumingMemoryBound(to: Bool.self).pointee = true
                }
            }, flag)
    }

    /// Calls `body` while libpq writes every message to `handshakeTrace`.
    func withHandshakeTrace<Result, Problem: Error>(
        _ handshakeTrace: borrowing HandshakeTrace, _ body: () throws(Problem) -> Result
    ) throws(Problem) -> Result {
        guard let stream = postgres_open_memory(handshakeTrace.memory, handshakeTrace.room) else { return try body() }
        PQtrace(handle, stream)
        PQsetTraceFlags(handle, Int32(PQTRACE_SUPPRESS_TIMESTAMPS))
        defer {
            PQuntrace(handle)
            postgres_close_memory(stream)
        }
        return try body()
    }
}

/// One reply of the server: rows, a completed command, or an error.
///
/// Its owner clears it once. Cells point into it and are invalid afterwards. Any thread may read it.
package struct ResultHandle: @unchecked Sendable {  // Why unchecked: libpq never changes a result once it has been handed out.
    let handle: OpaquePointer

    /// Takes a `PGresult` over.
    package init(handle: OpaquePointer) { self.handle = handle }

    func clear() { PQclear(handle) }

    enum Kind { case rows, command, sync, skipped, failed, unexpected }

    var kind: Kind {
        switch PQresultStatus(handle) {
        case PGRES_TUPLES_OK: .rows
        case PGRES_COMMAND_OK: .command
        case PGRES_PIPELINE_SYNC: .sync
        case PGRES_PIPELINE_ABORTED: .skipped
        case PGRES_FATAL_ERROR: .failed
        case PGRES_EMPTY_QUERY: .command
        default: .unexpected
        }
    }

    var isSuccess: Bool { kind == .rows || kind == .command }
    /// True for the reply to a COMMIT that rolled back a failed transaction.
    var isRefusedCommit: Bool { PQcmdStatus(handle).map { String(cString: $0) == "ROLLBACK" } ?? false }

    package var rowCount: Int { Int(PQntuples(handle)) }
    package var columnCount: Int { Int(PQnfields(handle)) }
    package func columnType(_ column: Int) -> UInt32 { PQftype(handle, Int32(truncatingIfNeeded: column)) }
    /// The parameter types of a described statement.
    var parameterTypes: [UInt32] { (0..<PQnparams(handle)).map { PQparamtype(handle, $0) } }
    package func isBinary(_ column: Int) -> Bool { PQfformat(handle, Int32(truncatingIfNeeded: column)) == 1 }
    package func columnName(_ column: Int) -> String {
        PQfname(handle, Int32(truncatingIfNeeded: column)).map { String(cString: $0) } ?? ""
    }

    /// Number of rows that a command changed. Nil if the command counts none.
    ///
    /// At most 2⁵³, whatever the server says, so that the counts of many statements can be added.
    package var affectedRows: Int? {
        guard let text = PQcmdTuples(handle), let count = Int(String(cString: text)) else { return nil }
        return min(count, 1 << 53)
    }

    /// Returns the bytes of a cell. Nil for NULL and for a cell that does not exist.
    @inline(__always)
    package func cell(_ row: Int32, _ column: Int32) -> UnsafeRawBufferPointer? {
        let size = PQgetlength(handle, row, column)
        if size <= 0, PQgetisnull(handle, row, column) == 1 { return nil }
        return UnsafeRawBufferPointer(start: PQgetvalue(handle, row, column), count: Int(max(size, 0)))
    }

    enum Field {
        case sqlState, severity, primary, detail, position, schema, table, column, dataType, constraint, function, context, hint
    }

    /// Returns a field of an error. Nil if the server sent none.
    func field(_ field: Field) -> String? {
        let letter: Unicode.Scalar =
            switch field {
            case .sqlState: "C"
            case .severity: "V"
            case .primary: "M"
            case .detail: "D"
            case .position: "P"
            case .schema: "s"
            case .table: "t"
            case .column: "c"
            case .dataType: "d"
            case .constraint: "n"
            case .function: "R"
            case .context: "W"
            case .hint: "H"
            }
        return PQresultErrorField(handle, Int32(letter.value)).map { String(cString: $0) }
    }
}
