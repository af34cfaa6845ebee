import Cache
import Postgres
import Telemetry

/// Counters of a client, or of clients that share a core. The cache and the pool have their own.
final class ClientTelemetry: Sendable {
    /// Reads without a `cacheStrategy`.
    let uncached = Counter()
    /// Everything else that Prisma counts as a query: writes, raw statements, and the requests in lists.
    let otherQueries = Counter()
    let failures = Counter()
    let refreshes = Counter()
    let refreshFailures = Counter()
    /// Writes that dropped automatic answers, whether or not there were any.
    let automaticInvalidations = Counter()
    /// Round trips to the database.
    let databaseQueries = Counter()
    let active = Gauge()
    let duration = Histogram()
    /// How long callers waited for a connection; the pool records it.
    let wait = Histogram()
    let databaseDuration = Histogram()

    /// A request starts that the cache has not answered. Returns the start in monotonic nanoseconds, for `end`.
    func begin() -> UInt64 {
        active.increment()
        return Clock.monotonic
    }

    /// A request that began at `start` ends.
    func end(since start: UInt64) {
        active.decrement()
        duration.record(milliseconds: Double(Clock.monotonic &- start) / 1_000_000)
    }
}

extension Client {
    /// Returns all metrics. Those that Prisma has, too, use its names; the rest begin with `accelerant_`.
    func metrics() -> [Metric] {
        let cache = cache.statistics()
        let turnover = pool.turnover
        let (multiplexed, moved) = (pool.multiplexed.value, pool.moved.value)
        let pool = pool.usage
        let calls = cache.hits &+ cache.staleHits &+ cache.misses &+ telemetry.uncached.value &+ telemetry.otherQueries.value
        return [
            Metric("prisma_client_queries_total", "The total number of Prisma Client queries executed", .counter(calls)),
            Metric(
                "prisma_datasource_queries_total", "The total number of datasource queries executed",
                .counter(telemetry.databaseQueries.value)),
            Metric(
                "prisma_pool_connections_opened_total", "The total number of pool connections opened", .counter(turnover.opened)),
            Metric(
                "prisma_pool_connections_closed_total", "The total number of pool connections closed", .counter(turnover.closed)),
            Metric(
                "accelerant_pool_multiplexed_reads_total", "Reads that were sent together with others on one connection", .counter(multiplexed)),
            Metric(
                "accelerant_pool_moved_reads_total", "Reads sent together with others that were sent again on a connection of their own",
                .counter(moved)),
            Metric("accelerant_cache_hits_total", "Fresh answers from the cache (cacheStatus ttl)", .counter(cache.hits)),
            Metric(
                "accelerant_cache_stale_hits_total", "Stale answers from the cache (cacheStatus swr)", .counter(cache.staleHits)),
            Metric(
                "accelerant_cache_misses_total", "Answers read from the database for the cache (cacheStatus miss)",
                .counter(cache.misses)),
            Metric(
                "accelerant_cache_joined_misses_total", "Misses that waited for the same query of another caller",
                .counter(cache.joins)),
            Metric(
                "accelerant_cache_stale_if_error_total", "Old answers given instead of errors (staleIfError)",
                .counter(cache.fallbacks)),
            Metric(
                "accelerant_cache_none_total", "Reads without a cache strategy (cacheStatus none)",
                .counter(telemetry.uncached.value)),
            Metric("accelerant_cache_refreshes_total", "Background refreshes that succeeded", .counter(telemetry.refreshes.value)),
            Metric(
                "accelerant_cache_refresh_failures_total", "Background refreshes that failed",
                .counter(telemetry.refreshFailures.value)),
            Metric("accelerant_cache_insertions_total", "Answers that were stored", .counter(cache.insertions)),
            Metric("accelerant_cache_evictions_total", "Entries removed to make room", .counter(cache.evictions)),
            Metric("accelerant_cache_expirations_total", "Entries removed because they were too old or invalidated", .counter(cache.expirations)),
            Metric(
                "accelerant_cache_oversized_total", "Answers not stored because they exceed cache.maxEntryBytes",
                .counter(cache.oversized)),
            Metric(
                "accelerant_cache_fenced_total", "Answers not stored because they were invalidated while they were read",
                .counter(cache.fenced)),
            Metric("accelerant_cache_invalidations_total", "Calls of invalidate and invalidateAll", .counter(cache.invalidations)),
            Metric(
                "accelerant_cache_automatic_invalidations_total", "Writes that dropped automatic answers",
                .counter(telemetry.automaticInvalidations.value)),
            Metric("accelerant_failures_total", "Requests that ended with an error", .counter(telemetry.failures.value)),
            Metric("prisma_client_queries_active", "The number of currently active Prisma Client queries", .gauge(Double(telemetry.active.value))),
            Metric(
                "prisma_client_queries_wait", "The number of queries currently waiting for a connection",
                .gauge(Double(pool.waiting))),
            Metric("prisma_pool_connections_busy", "The number of pool connections currently executing datasource queries", .gauge(Double(pool.leased))),
            Metric("prisma_pool_connections_idle", "The number of pool connections that are not busy running a query", .gauge(Double(pool.idle))),
            Metric("prisma_pool_connections_open", "The number of pool connections currently open", .gauge(Double(pool.leased + pool.idle))),
            Metric("accelerant_cache_entries", "Entries in the cache", .gauge(Double(cache.entries))),
            Metric("accelerant_cache_bytes", "Bytes of the cache, overhead included: what cache.maxBytes limits", .gauge(Double(cache.bytes))),
            Metric("accelerant_cache_table_bytes", "Bytes of the cache that its tables take", .gauge(Double(cache.tableBytes))),
            Metric("accelerant_cache_arena_bytes", "Memory that all caches of the process hold for entries", .gauge(Double(cache.arenaBytes))),
            Metric(
                "prisma_client_queries_duration_histogram_ms",
                "The distribution of the time that queries took which were not answered by the cache, in ms",
                .histogram(telemetry.duration.snapshot)),
            Metric(
                "prisma_client_queries_wait_histogram_ms", "The distribution of the time queries waited for a connection, in ms",
                .histogram(telemetry.wait.snapshot)),
            Metric(
                "prisma_datasource_queries_duration_histogram_ms", "The distribution of the time datasource queries took, in ms",
                .histogram(telemetry.databaseDuration.snapshot)),
        ] + (changeFeed?.metrics() ?? []) + (core.tier?.metrics() ?? []) + (core.snapshot?.metrics() ?? [])
    }
}
