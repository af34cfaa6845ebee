import CLinux
import Concurrency
import Synchronization
package import Telemetry

/// A tier that many processes share, behind this process's cache. It is asked when the own cache has no answer.
///
/// A call waits at most `timeoutMilliseconds`. It never waits for a connection to be made, except for the first one. A failure is not an error:
/// the database is asked instead. Any thread may use it.
package final class SecondTier: Sendable {
    package struct Settings: Sendable, Equatable {
        package var timeoutMilliseconds = 10
        package var maxEntryBytes = 1024 * 1024
        package var isListening = true

        package init() {}
    }

    /// What a read finds.
    package enum Outcome {
        /// A valid answer that was read at most that many nanoseconds ago.
        case answer(TierEntry, age: UInt64, isFresh: Bool)
        /// The caller asks the database for all processes, and ends that by `store` or `release`.
        case lead(Lead)
        /// The caller asks the database for itself.
        case direct
    }

    package struct Lead: Sendable {
        package let lease: TierLease
        /// Microseconds of the tier's clock, before the query.
        package let readAt: Int64
    }

    package struct Status: Sendable {
        package var openings: UInt64
        package var isTrusted: Bool
        package var pending: Int
        package var connections: Int
        /// Why it is not used, in words without secrets. Nil while it is used, and before the first contact.
        package var trouble: String?
    }

    let settings: Settings
    let store: any TierStore
    /// Distinguishes this process's invalidations from others'.
    let origin = UInt64.random(in: 1 ... .max)
    /// A clock that is moved by hand, in microseconds, instead of the tier's.
    let manualClock: (@Sendable () -> Int64)?
    let state = Lock(State())
    /// Signalled when a session, the first contact or a confirmation has come.
    let changed = EventCount()
    /// Signalled when the worker has something to do.
    let work = EventCount()
    /// Signalled when it is closed.
    let ending = EventCount()
    package let counters = TierCounters()
    package let roundTrips = Histogram()
    let report: @Sendable (Report) -> Void
    private let threads = LateInit<[Thread]>()

    /// Events of the tier, reported as they happen.
    package enum Report: Sendable, Equatable {
        case connected
        case lost(String)
        /// Another server has become the primary.
        case moved
        /// A mistake in the configuration.
        case refused(String)
    }

    struct State: Sendable {
        var breaker = CircuitBreaker()
        var pending = PendingInvalidations()
        var clock = TierClock()
        var epoch: ServerEpoch?
        /// The one that was used last is at the end.
        var idle: [any TierSession] = []
        /// Number of idle and used sessions.
        var sessions = 0
        /// Until then no session is opened beside those that there are: the server refused the last one.
        var noOpeningUntil: UInt64 = 0
        /// True while the worker waits for a session. Callers leave it one.
        var isWorkerWaiting = false
        /// True while stores and releases wait because callers do.
        var areJobsDelayed = false
        /// Number of callers that wait for a session.
        var waiting = 0
        /// Calls that went well.
        var successes: UInt64 = 0
        /// Changes of this process whose effect in the own cache is still to come.
        var changing: Set<UInt64> = []
        var lastChange: UInt64 = 0
        var jobs = Queue<Job>()
        var jobBytes = 0
        /// True once the first attempt to connect has ended.
        var hasTried = false
        var refusal: String?
        /// Why the breaker is open.
        var trouble: String?
        var isClosed = false
        /// When `interrupt` was called.
        var closedAt: UInt64 = 0
        /// The sessions in use.
        var busy: [any TierSession] = []
        /// How often another server was found in the place of the former one. What was begun under a lower number may lead to that.
        var moves: UInt64 = 0

        /// Takes a session into use whose connecting began under that number of `moves`. False where another server took the place since.
        mutating func beginUse(_ session: any TierSession, since moves: UInt64) -> Bool {
            guard moves == self.moves else { return false }
            sessions += 1
            busy.append(session)
            return true
        }

        /// For a caller: the one that was used last.
        mutating func takeIdle() -> (any TierSession)? {
            guard idle.count > (isWorkerWaiting ? 1 : 0), let session = idle.popLast() else { return nil }
            busy.append(session)
            return session
        }

        /// For the worker: the one that was used longest ago. Why: so that each is used now and then, and none is ended by the server or the network
        /// for having been silent.
        mutating func takeOldest() -> (any TierSession)? {
            if idle.isEmpty { return nil }
            let session = idle.removeFirst()
            busy.append(session)
            return session
        }

        /// Whether callers need the sessions more than stores and releases do.
        var mustDelayJobs: Bool { waiting > 0 && idle.count < 2 && sessions > 1 }

        /// Whether another session may be opened at that time.
        func mayOpen(_ now: UInt64) -> Bool { sessions == 0 || sessions < TierLimit.sessions && now >= noOpeningUntil }

        mutating func endUse(_ session: any TierSession) { busy.removeAll { $0 === session } }
    }

    enum Job: Sendable {
        case store(StoredAnswer)
        case release(TierLease)
    }

    struct StoredAnswer: @unchecked Sendable {  // Why unchecked: the worker alone has the entry from then on.
        let entry: TierEntry
        let lease: TierLease
        let lifeMilliseconds: Int
    }

    package init(
        _ store: any TierStore, _ settings: Settings, manualClock: (@Sendable () -> Int64)? = nil, report: @escaping @Sendable (Report) -> Void = { _ in }
    ) {
        self.store = store
        self.settings = settings
        self.manualClock = manualClock
        self.report = report
    }

    /// Starts the threads. `hear` is called on one of them with what others invalidate.
    package func start(hear: (@Sendable (TierListener.Event) -> Void)?) {
        var threads: [Thread] = []
        if let thread = Thread({ [unowned self] in runWorker() }) { threads.append(thread) } else { doWithout() }
        if let hear, let thread = Thread({ [unowned self] in TierListener(self, hear).run() }) { threads.append(thread) }
        if store.canMove, let thread = Thread({ [unowned self] in watchMoves() }) { threads.append(thread) }
        self.threads.set(threads)
    }

    /// Makes all waits end soon. Any thread may call it.
    package func interrupt() {
        state.withLock { state in
            if !state.isClosed { state.closedAt = SecondTier.now }
            state.isClosed = true
            for session in state.busy { session.interrupt() }
        }
        store.interruptMoves()
        changed.signal()
        work.signal()
        ending.signal()
        subscription.withLock { $0?.interrupt() }
    }

    /// Ends its threads, and tries to send what is pending until a second after `interrupt`. No call runs any more.
    package func close() {
        interrupt()
        for thread in threads.value ?? [] { thread.join() }
        finishPending()
        let idle = state.withLock { state in
            defer { state.idle = [] }
            return state.idle
        }
        for session in idle { session.close() }
    }

    let subscription = Lock<(any TierSubscription)?>(nil)

    /// True if other processes' invalidations are being received.
    package var isHearing: Bool { hears.load(ordering: .acquiring) }

    let hears = Atomic<Bool>(false)
    /// The tag of the message of our own that is awaited; 0 once it has come back. See `awaitEcho`.
    let echo = Atomic<UInt64>(0)

    package var isListening: Bool { settings.isListening }

    package var status: Status {
        state.withLock { state in
            Status(
                openings: state.breaker.openings, isTrusted: state.breaker.isClosed && state.pending.isEmpty, pending: state.pending.count,
                connections: state.sessions, trouble: state.breaker.isClosed ? nil : state.trouble)
        }
    }

    static var now: UInt64 { UInt64(clamping: Deadline.now.nanoseconds) }

    /// Returns two bounds of the tier's present time.
    func time(_ clock: TierClock, _ now: UInt64) -> (earliest: Int64, latest: Int64) {
        if let manual = manualClock?() { return (manual, manual) }
        return (clock.earliest(now), clock.latest(now))
    }

    /// Returns the deadline of a call that begins now.
    func budget(until deadline: Deadline) -> Deadline { min(deadline, .after(milliseconds: settings.timeoutMilliseconds)) }

    // MARK: Sessions

    enum Acquired {
        case session(any TierSession, TierClock)
        case untrusted
        case none
    }

    /// A session for one call. Waits for one to be free, and for the first contact; not for a tier that fails.
    /// - Parameters:
    ///   - tags: what the call reads or invalidates; nil is everything. There is no session while one of them is pending.
    ///   - isTiersLimit: it is the tier's fault if there is none by the deadline, not that of a caller in a hurry.
    func acquire(until deadline: Deadline, cancellation: CancellationToken?, for tags: [UInt64]?, isTiersLimit: Bool) -> Acquired {
        var isWaiting = false
        var successes: UInt64 = 0
        defer { if isWaiting { state.withLock { $0.waiting -= 1 } } }
        while true {
            let seen = changed.count
            let found: Acquired? = state.withLock { state in
                if state.isClosed { return .some(.none) }
                if !state.breaker.isClosed { return state.hasTried ? .untrusted : nil }
                if state.pending.concern(tags) || !state.clock.isKnown(at: SecondTier.now) { return .untrusted }
                if let session = state.takeIdle() { return .session(session, state.clock) }
                return nil
            }
            if let found { return found }
            if !isWaiting {
                isWaiting = true
                successes = state.withLock { state in
                    state.waiting += 1
                    return state.successes
                }
                work.signal()
            }
            if Deadline.now < deadline, changed.wait(after: seen, until: deadline, cancellation: cancellation) { continue }
            // Why only then: while others' calls go well, it is their number that one waits for.
            if isTiersLimit, Deadline.now >= deadline { fail(.timedOut, unlessSince: successes) }
            return .none
        }
    }

    /// Returns a session after a successful call.
    func giveBack(_ session: any TierSession) {
        let (isKept, mayDoJobs) = state.withLock { state in
            state.breaker.succeed()
            state.successes &+= 1
            state.endUse(session)
            // Why not one of another epoch: no process finds what is stored there.
            let isCurrent = !state.isClosed && session.epoch == state.epoch
            if isCurrent { state.idle.append(session) } else { state.sessions -= 1 }
            return (isCurrent, state.areJobsDelayed && !state.mustDelayJobs)
        }
        if !isKept { session.close() }
        changed.signal()
        if mayDoJobs { work.signal() }
    }

    /// Ends a session after a fault.
    func giveUp(_ session: any TierSession, _ fault: TierFault) {
        // Why first: closing the tier interrupts the sessions in use.
        state.withLock { state in
            state.endUse(session)
            state.sessions -= 1
        }
        session.close()
        fail(fault)
    }

    /// Counts a fault, and ends all idle sessions where the breaker opens.
    /// - Parameter successes: of a caller who got no session, those when it began to wait: it counts if there were no more, and no probe runs.
    func fail(_ fault: TierFault, unlessSince successes: UInt64? = nil) {
        counters.faults.add()
        if fault == .timedOut { counters.timeouts.add() }
        let (idle, hasOpened) = state.withLock { state -> ([any TierSession], Bool) in
            if let successes, successes != state.successes || !state.breaker.isClosed { return ([], false) }
            let openings = state.breaker.openings
            state.breaker.fail(now: SecondTier.now)
            if state.breaker.isClosed { return ([], false) }
            state.trouble = fault.words
            defer { state.idle = [] }
            state.sessions -= state.idle.count
            return (state.idle, state.breaker.openings > openings)
        }
        for session in idle { session.close() }
        if hasOpened { report(.lost(fault.words)) }
        changed.signal()
        work.signal()
    }
}

extension TierFault {
    /// The fault in words for the log and for errors, without secrets.
    package var words: String {
        switch self {
        case .timedOut: "it did not answer in time"
        case .failed(let words), .refused(let words): words
        case .readOnly: "the server takes no writes now"
        }
    }
}

/// What happened at a tier. Counters only grow.
package final class TierCounters: Sendable {
    package let hits = Counter()
    package let staleHits = Counter()
    package let misses = Counter()
    /// Reads that another process's query answered.
    package let waits = Counter()
    /// Reads that went to the database because the tier could not be asked or trusted.
    package let bypasses = Counter()
    package let stores = Counter()
    /// Answers that were invalidated while they were read.
    package let fenced = Counter()
    package let dropped = Counter()
    package let invalidations = Counter()
    package let unconfirmed = Counter()
    package let notices = Counter()
    package let faults = Counter()
    package let timeouts = Counter()
}
