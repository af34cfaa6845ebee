import CLinux
import Cache
import Concurrency
import Postgres
import Query
import SQL
import Schema
import Telemetry
package import Text

/// An open client. It has a core, which it may share with other clients. Its own parts are submitted requests, interactive transactions,
/// and the threads for refreshes and housekeeping.
///
/// Any thread may use it. `Client+Read.swift` shows how a request is answered.
package final class Client: Sendable {
    let core: Core
    let schema: Schema
    /// The source of the schema, for operations that need its text. Nil for a client without a schema.
    let schemaSource: Configuration.SchemaSource?
    /// Set if the configuration asks for it.
    let firstCheck: FirstCheck?
    let limits: Limits
    /// True if moments have microseconds in answers where the request does not say.
    let isPrecise: Bool
    /// Bytes of its caller's stack that a request may need, without its nesting.
    let stackOfRequest: Int
    let region: UnsafePointerBox
    let cache: Cache
    let clock: Clock
    let pool: Pool
    let plans: PlanCache
    let automaticInvalidation: AutomaticInvalidation
    let telemetry: ClientTelemetry
    /// Nil if nothing is logged.
    let log: Log?
    /// Texts of requests whose answers have become stale.
    let refreshes: RefreshQueue
    let submissions: Submissions
    let housekeeper: Housekeeper
    /// Set if the configuration asks for it.
    let changeFeed: ChangeFeed?
    /// The running calls, for a client that shares its core. Nil otherwise: closing the core then ends everything.
    let calls: RunningCalls?
    private let isLast = LateInit<Bool>()
    let transactions = TransactionTable()
    /// Expired transactions that wait for their rollback.
    private let expired = LateInit<ThreadPool<InteractiveTransaction>>()

    /// Opens a client from the bytes of a configuration document. Nothing is connected yet.
    package static func open(_ configuration: UnsafeRawBufferPointer) -> Result<ClientHandle, Failure> {
        Stack.with(Stack.base, nestedAs: configuration, upTo: Limits.configurationBytes) { openHere(configuration) } ?? .failure(.withoutStack)
    }

    private static func openHere(_ configuration: UnsafeRawBufferPointer) -> Result<ClientHandle, Failure> {
        do throws(Failure) {
            let configuration = try readConfiguration(configuration)
            let client = Client(try Core.open(configuration), configuration)
            client.start()
            return .success(ClientHandle(client))
        } catch {
            return .failure(error)
        }
    }

    private static func readConfiguration(_ text: UnsafeRawBufferPointer) throws(Failure) -> Configuration {
        guard text.count > 0, text.count <= Limits.configurationBytes else {
            throw Configuration.failure("it has \(text.count) bytes; 1 to \(Limits.configurationBytes) are possible.", path: "")
        }
        do {
            return try Configuration(try JSONDocument(scanning: text))
        } catch {
            throw error.status == .invalidConfiguration ? error : Configuration.failure(error.message, path: "")
        }
    }

    private init(_ core: Core, _ configuration: Configuration) {
        self.core = core
        limits = configuration.limits
        isPrecise = configuration.isPrecise
        schema = core.schema
        schemaSource = configuration.schema
        firstCheck = configuration.check.map { FirstCheck($0) }
        stackOfRequest = Stack.base + (schema.datasource?.relationMode == .prisma ? Stack.actions : 0)
        region = UnsafePointerBox(Region.intern(configuration.region))
        clock = core.clock
        cache = core.cache
        log = core.log
        pool = core.pool
        plans = core.plans
        automaticInvalidation = core.automaticInvalidation
        telemetry = core.telemetry
        changeFeed = core.changeFeed
        let threads = pool.settings.connectionLimit
        refreshes = RefreshQueue(threads: threads)
        submissions = Submissions(limit: limits.queueLength, threads: threads, client: core.nextClient())
        housekeeper = Housekeeper()
        calls = configuration.cacheName.map { _ in RunningCalls() }
    }

    private func start() {
        // Why unowned: all of them end in `close`, before the client does.
        submissions.start(
            wake: { [unowned self] in housekeeper.wake() },
            onExpired: { [unowned self] request in request.text.withUnsafeBytes { replyToLate($0) } }
        ) { [unowned self] text, request, cancellation in running(cancellation) { execute(text, submitted: request, $0) } }
        // Why not the housekeeper itself: a server that does not answer would hold it up.
        expired.set(ThreadPool(threads: 1, capacity: .max) { [unowned self] in rollBackExpired($0, nil) })
        refreshes.start { [unowned self] text, attempt in running { refresh(text, attempt, $0) } }
        housekeeper.start(
            tidy: { [unowned self] in
                pool.tick()
                expireTransactions { expired.value?.add($0) ?? false }
                return cache.sweep(now: clock.now)
            }, expire: { [unowned self] in submissions.expire(now: $0) })
    }

    /// Makes everything of this client that waits for the database fail, so that running calls end soon.
    func interrupt() {
        let isLast = SharedCores.leave(core)
        self.isLast.set(isLast)
        // Why before the calls end: no caller may wait for the connections of open transactions.
        if isLast {
            // Why first: what others change is still heard.
            core.snapshot?.interrupt()
            changeFeed?.interrupt()
        }
        closeTransactions()
        if isLast { return core.interrupt() }
        submissions.interrupt()
        calls?.stop()
    }

    /// Ends the client's threads, and frees the cache if no one else uses it. No call runs any more.
    func close() {
        let isLast = isLast.value ?? true
        submissions.close()
        refreshes.close()
        housekeeper.close()
        expired.value?.close()
        if isLast { core.close() }
    }
}

/// A pointer to bytes that are never written and never freed.
struct UnsafePointerBox: @unchecked Sendable {
    let pointer: UnsafePointer<CChar>?
    init(_ pointer: UnsafePointer<CChar>?) { self.pointer = pointer }
}

extension Configuration {
    /// Returns the connection URL: the configuration's, or else the schema's.
    func readURL(_ schema: Schema) throws(Failure) -> String {
        if let datasourceURL { return datasourceURL }
        if let url = try Configuration.resolve(schema.datasource?.url, key: "datasourceUrl") { return url }
        let owner = self.schema == nil ? "without a schema there is" : "the schema's datasource has"
        throw Configuration.failure("`datasourceUrl` is needed: \(owner) no `url`.", path: "datasourceUrl")
    }

    /// Returns where to listen. That is `directUrl` of the configuration, or of the schema whose `url` is used, or else where the pool connects.
    func readDirectSettings(_ schema: Schema, _ settings: ConnectionSettings) throws(Failure) -> ConnectionSettings {
        let ofSchema = datasourceURL == nil ? schema.datasource?.directURL : nil
        if let directURL { return try ConnectionSettings(url: directURL) }
        if let url = try Configuration.resolve(ofSchema, key: "directUrl") { return try ConnectionSettings(url: url) }
        if !settings.isPgBouncer { return settings }
        throw Configuration.failure(
            "`cache.listen` needs `directUrl`: a connection through PgBouncer in transaction mode cannot listen.", path: "directUrl")
    }

    private static func resolve(_ source: Datasource.URLSource?, key: String) throws(Failure) -> String? {
        switch source {
        case nil: return nil
        case .literal(let url): return url
        case .environment(let name):
            guard let value = getenv(name), value.pointee != 0 else {
                throw Configuration.failure(
                    "the environment variable `\(name)`, which the schema's datasource names, is not set.", path: key)
            }
            return String(cString: value)
        }
    }
}
