import CLinux
import Cache
import Concurrency
import Postgres
import SQL
import Schema
import Synchronization
import Telemetry
import Text
import Tier

/// What the clients of one process with the same `cache.name` share: schema, pool, cache and listener.
///
/// A client without a name has a core of its own. `SharedCores` knows the named ones.
final class Core: Sendable {
    /// The configuration of the client that opened it.
    let configuration: Configuration
    let settings: ConnectionSettings
    let schema: Schema
    let cache: Cache
    let clock: Clock
    let pool: Pool
    let plans: PlanCache
    let automaticInvalidation: AutomaticInvalidation
    let telemetry = ClientTelemetry()
    let quota: InvalidationQuota
    /// Nil if nothing is logged.
    let log: Log?
    /// Set if the configuration asks for it.
    let changeFeed: ChangeFeed?
    /// Set if the configuration asks for it.
    let tier: SecondTier?
    /// The beginning of its answers' names in the tier.
    let tierScope: TierScope
    /// Set where the configuration asks for it.
    let snapshot: SnapshotKeeper?
    private let listenerSettings: ConnectionSettings
    private let lastClient = Atomic<UInt64>(0)
    private let lastFollower = Atomic<UInt64>(0)

    /// Makes a core. Nothing is connected yet.
    init(_ configuration: Configuration, _ schema: Schema, _ settings: ConnectionSettings) throws(Failure) {
        self.configuration = configuration
        self.schema = schema
        self.settings = settings
        let limits = configuration.limits
        clock = Clock(isManual: configuration.clock == .manual)
        var cacheConfiguration = Cache.Configuration(maxBytes: limits.cacheBytes, maxEntryBytes: limits.cacheEntryBytes)
        cacheConfiguration.isTiered = configuration.tier != nil
        cache = Cache(cacheConfiguration)
        log = configuration.log.map {
            Log($0, Log.Bounds(events: limits.logEvents, bytes: limits.logBytes, textBytes: Limits.logTextBytes))
        }
        pool = Pool(settings, showsServerMessages: configuration.showsServerMessages, log: log) { [wait = telemetry.wait] in
            wait.record(milliseconds: Double($0) / 1_000_000)
        }
        let origin = configuration.isListening ? ChangeNotice.Origin.fresh() : nil
        plans = PlanCache(schema: schema, settings: SQLSettings(defaultSchema: settings.schema), origin: origin)
        automaticInvalidation = AutomaticInvalidation(
            isDefault: configuration.isAutomatic, tellsAlways: configuration.tier != nil, schema, plans.settings)
        let opened = try configuration.tier?.open(clock, log)
        tier = opened?.tier
        tierScope = TierScope(settings, schema)
        snapshot = configuration.snapshot.map { [cache, clock, plans, automaticInvalidation, tier, pool, log, tierScope] settings in
            SnapshotKeeper(
                settings, cache, clock, plans, automaticInvalidation, tier, opened?.sealer, pool, log, scope: SnapshotKeeper.scope(tierScope, configuration),
                isPrecise: configuration.isPrecise, answerBytes: limits.responseBytes)
        }
        pool.identities.onChange { [cache, log] in
            cache.invalidateAll(isCounted: false)
            log?.tell(.warn, "pool", "New sessions have another role, search path or other settings. All cached answers were dropped.")
        }
        quota = InvalidationQuota(limits)
        listenerSettings = try configuration.isListening ? configuration.readDirectSettings(schema, settings) : settings
        changeFeed = origin.map { [cache, tier, pool, schema, plans, automaticInvalidation, log] in
            ChangeFeed(schema, plans.settings, cache, tier, pool, automaticInvalidation, log, $0)
        }
    }

    /// Begins to listen.
    func start() {
        startTier()
        snapshot?.start()
        // Why unowned: it ends in `close`, before the core does.
        changeFeed?.start(
            listenerSettings, silenceMilliseconds: configuration.limits.listenTimeoutMilliseconds,
            catalogChanged: { [unowned self] in catalogChanged() }, applyInvalidations: { [unowned self] in hearInvalidations($0) })
    }

    /// Makes everything fail that waits for the database. No further client joins.
    func interrupt() {
        snapshot?.interrupt()
        changeFeed?.interrupt()
        tier?.interrupt()
        pool.close()
    }

    /// Ends the listener's thread and frees the cache.
    func close() {
        changeFeed?.close()
        tier?.close()
        snapshot?.close()
        cache.close(Failure.closed)
        SharedCores.end(self)
    }

    /// Returns a number that identifies one of the clients that share it.
    func nextClient() -> UInt64 { lastClient.wrappingAdd(1, ordering: .relaxed).oldValue }

    /// Returns a number that identifies a thread's wait for a flight. It is not the number of a submitted request.
    func nextFollower() -> UInt64 { lastFollower.wrappingAdd(1, ordering: .relaxed).newValue | 1 << 63 }

    /// Returns the configuration path of the first difference from the client that opened this core. Nil if there is none.
    func difference(from other: Configuration, _ settings: ConnectionSettings) -> String? {
        let (mine, its) = (configuration.limits, other.limits)
        let checks: [(String, Bool)] = [
            ("cache.maxBytes", mine.cacheBytes == its.cacheBytes),
            ("cache.maxEntryBytes", mine.cacheEntryBytes == its.cacheEntryBytes),
            ("cache.auto", configuration.isAutomatic == other.isAutomatic),
            ("cache.listen", configuration.isListening == other.isListening),
            ("cache.listenTimeoutMs", mine.listenTimeoutMilliseconds == its.listenTimeoutMilliseconds),
            ("cache.tier", configuration.tier == other.tier),
            ("cache.snapshot", configuration.snapshot == other.snapshot),
            ("clock", configuration.clock == other.clock),
            ("dateTime", configuration.isPrecise == other.isPrecise),
            ("errors.serverMessages", configuration.showsServerMessages == other.showsServerMessages),
            ("limits.responseBytes", mine.responseBytes == its.responseBytes),
            ("limits.invalidatedTagsPerDay", mine.invalidatedTagsPerDay == its.invalidatedTagsPerDay),
            ("limits.invalidateAllPerHour", mine.invalidateAllPerHour == its.invalidateAllPerHour),
            ("limits.logEvents", mine.logEvents == its.logEvents),
            ("limits.logBytes", mine.logBytes == its.logBytes),
            ("log", configuration.log == other.log),
            ("datasourceUrl", self.settings.asksForTheSame(as: settings)),
        ]
        return checks.first { !$0.1 }?.0
    }
}
