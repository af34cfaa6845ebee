import CLinux
import Cache
import Concurrency
import Postgres
import Synchronization
import Telemetry
import Text
import Tier

/// Keeps what the cache has in a file: reads it when the core is opened, writes it when that is closed and every few minutes.
///
/// One thread does both. What is served of it is what nothing can have changed meanwhile, by the versions of tags in the tier; or, where the
/// configuration accepts that, what its `ttl` and `swr` allow.
final class SnapshotKeeper: Sendable {
    let settings: Configuration.Snapshot
    let cache: Cache
    let clock: Clock
    let plans: PlanCache
    let automaticInvalidation: AutomaticInvalidation
    let tier: SecondTier?
    /// Nil where there is no key.
    let sealer: EngineSealer?
    let pool: Pool
    let log: Log?
    /// What a snapshot has to have been made for.
    let scope: [UInt8]
    /// Whether moments have microseconds in answers where a request does not say.
    let isPrecise: Bool
    /// A larger answer is left out.
    let answerBytes: Int
    let restored = Counter()
    let writes = Counter()
    let failures = Counter()
    private let changed = EventCount()
    /// True if the answers were restored while no session could say whose they are.
    let hasAssumed = Atomic<Bool>(false)
    /// The cache's number once the file had been read.
    private let firstInvalidation = Atomic<UInt64>(0)
    private let hasCaughtUp = Atomic<Bool>(false)
    private let hasLoaded = Atomic<Bool>(false)
    private let isClosing = Atomic<Bool>(false)
    private let isDiscarded = Atomic<Bool>(false)
    /// When a file that is not whole by then is given up, in nanoseconds of the monotonic clock.
    private let closingEnd = Atomic<Int64>(.max)
    /// Set when the core is about to end: from then on less is heard.
    private let lateSuspensions = LateInit<Set<Cache.Tag>>()
    private let wasInterrupted = Atomic<Bool>(false)
    private let hasStarted = Atomic<Bool>(false)
    private let thread = LateInit<Thread>()
    /// Raised when the form of keys or of answers changes: older snapshots are then not read.
    private static let form = "2"

    /// What a snapshot has to have been made for.
    static func scope(_ scope: TierScope, _ configuration: Configuration) -> [UInt8] {
        scope.name(ofSnapshot: [
            form, configuration.isPrecise ? "microseconds" : "milliseconds", configuration.clock.rawValue, configuration.snapshot?.trust.rawValue ?? "",
            configuration.tier?.prefix ?? "",
            // Why: an answer has the tags that its request asked for, and without the tags of tables no write drops it.
            configuration.isAutomatic ? "auto" : "",
        ])
    }

    init(
        _ settings: Configuration.Snapshot, _ cache: Cache, _ clock: Clock, _ plans: PlanCache, _ automaticInvalidation: AutomaticInvalidation,
        _ tier: SecondTier?, _ sealer: EngineSealer?, _ pool: Pool, _ log: Log?, scope: [UInt8], isPrecise: Bool, answerBytes: Int
    ) {
        (self.settings, self.cache, self.clock, self.plans, self.automaticInvalidation) = (settings, cache, clock, plans, automaticInvalidation)
        (self.sealer, self.pool) = (sealer, pool)
        (self.tier, self.log, self.scope, self.isPrecise, self.answerBytes) = (tier, log, scope, isPrecise, answerBytes)
    }

    /// Where ages alone decide, returns when the file is read. Where the tier does, it is read when that has been reached.
    func start() {
        let loaded = EventCount()
        let before = loaded.count
        // Why here: a manual clock may be moved before the thread runs.
        let due = nextWriting
        let made = Thread { [self] in
            if settings.trust == .ttl { load() }
            hasStarted.store(true, ordering: .releasing)
            loaded.signal()
            run(nextAt: due)
        }
        guard let made else {
            failures.add()
            log?.tell(.warn, "snapshot", "No snapshot is read or written: the system gives no thread.")
            return
        }
        thread.set(made)
        if settings.trust == .tier { return }
        while !hasStarted.load(ordering: .acquiring) { loaded.wait(after: before, until: .never) }
    }

    /// Others' invalidations are heard from now on, and everything that was there before has been dropped.
    func caughtUp() {
        hasCaughtUp.store(true, ordering: .releasing)
        changed.signal()
    }

    /// To be called before anything of the core ends; what is called again does nothing.
    func interrupt() {
        if wasInterrupted.exchange(true, ordering: .relaxed) { return }
        lateSuspensions.set(cache.suspendedTags)
        // Why now: what the tier knows of the tags is asked for, and what others invalidate has to be heard.
        if settings.trust == .tier { end() }
    }

    /// To be called when no call runs any more, and the cache is still there.
    func close() { if settings.trust == .ttl { end() } }

    /// To be called before a core is closed that has never been used: it leaves the file to others.
    func discard() { isDiscarded.store(true, ordering: .relaxed) }

    /// To be called when a manual clock has been moved.
    func tick() { changed.signal() }

    /// Whether a file that is being written has to be given up.
    var isTooLate: Bool { Deadline.now.nanoseconds >= closingEnd.load(ordering: .relaxed) }

    private func end() {
        closingEnd.store(Deadline.after(milliseconds: Limits.snapshotClosingMilliseconds).nanoseconds, ordering: .relaxed)
        isClosing.store(true, ordering: .releasing)
        changed.signal()
        thread.value?.join()
    }

    private func run(nextAt first: UInt64) {
        var due = first
        while true {
            let seen = changed.count
            let isClosing = isClosing.load(ordering: .acquiring)
            if settings.trust == .tier, !hasLoaded.load(ordering: .relaxed), hasCaughtUp.load(ordering: .acquiring), !isClosing { load() }
            if isClosing && !isDiscarded.load(ordering: .relaxed) || clock.exact >= due {
                write(isLast: isClosing)
                due = nextWriting
            }
            if isClosing { return }
            if mustConfirm { tryToConfirm() }
            let end = clock.isManual ? Deadline.never : Deadline(nanoseconds: Int64(clamping: due))
            changed.wait(after: seen, until: mustConfirm ? min(end, .after(milliseconds: Limits.snapshotConfirmMilliseconds)) : end)
        }
    }

    /// By this core's clock.
    private var nextWriting: UInt64 { settings.minutes.map { clock.exact &+ UInt64($0) &* 60_000_000_000 } ?? .max }

    private func load() {
        hasLoaded.store(true, ordering: .relaxed)
        let start = Deadline.now
        defer { firstInvalidation.store(cache.invalidationNumber, ordering: .relaxed) }
        do throws(SnapshotFault) {
            guard try restore() else { return }
            let milliseconds = (Deadline.now.nanoseconds - start.nanoseconds) / 1_000_000
            log?.tell(.info, "snapshot", "The snapshot was read: \(Self.answers(restored.value)) in \(milliseconds) ms.")
        } catch {
            failures.add()
            if restored.value == 0 {
                log?.tell(.warn, "snapshot", "The snapshot is not used: \(error.reason).")
            } else {
                log?.tell(.warn, "snapshot", "The rest of the snapshot is not used: \(error.reason).")
            }
        }
    }

    private static func answers(_ count: UInt64) -> String { count == 1 ? "1 answer" : "\(count) answers" }

    private func write(isLast: Bool) {
        // Why: what could not be looked at yet is better than nothing.
        if settings.trust == .tier, !hasLoaded.load(ordering: .relaxed) { return }
        // Why: nothing was read from the database, and nothing invalidated.
        if pool.identities.current == nil, cache.invalidationNumber == firstInvalidation.load(ordering: .relaxed) { return }
        do throws(SnapshotFault) {
            let (entries, bytes) = try save(without: lateSuspensions.value ?? [])
            writes.add()
            log?.tell(.info, "snapshot", "A snapshot was written: \(Self.answers(entries)), \(bytes) bytes.")
        } catch {
            failures.add()
            log?.tell(.warn, "snapshot", "No snapshot was written: \(error.reason).\(isLast && !error.isBusy ? withdraw() : "")")
        }
    }

    /// Removes the former file where nothing would tell the next process what has been invalidated since it was written. Returns what to say of that.
    private func withdraw() -> String {
        guard settings.trust == .ttl else { return "" }
        if unlink(settings.path) == 0 { return " The former one has been removed." }
        return linux_errno() == ENOENT ? "" : " The former one could not be removed: it may have answers that were invalidated since."
    }

    func metrics() -> [Metric] {
        [
            Metric("accelerant_snapshot_restored_total", "Answers that came from the snapshot", .counter(restored.value)),
            Metric("accelerant_snapshot_writes_total", "Snapshots written", .counter(writes.value)),
            Metric("accelerant_snapshot_failures_total", "Snapshots that were not used or could not be written", .counter(failures.value)),
        ]
    }
}
