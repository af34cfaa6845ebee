import CLinux
import Concurrency
import Synchronization
package import Telemetry

/// A tier that many processes share, behind the cache of this one: what the walk asks when its own cache has nothing.
///
/// A call waits for it at most `timeoutMilliseconds`, and never for a connection to be made, except while the first one is. What goes wrong is
/// no error: the database is asked. Any thread.
package final class SecondTier: Sendable {
    package struct Settings: Sendable, Equatable {
        package var timeoutMilliseconds = 10
        package var maxEntryBytes = 1024 * 1024
        package var isListening = true

        package init() {}
    }

    /// What a read finds.
    package enum Outcome {
        /// Valid, and read so many nanoseconds ago at most.
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
    }

    let settings: Settings
    let store: any TierStore
    /// Tells this process's invalidations from others'.
    let origin = UInt64.random(in: 1 ... .max)
    /// A clock that is moved by hand, in microseconds, in the place of the tier's.
    let manualClock: (@Sendable () -> Int64)?
    let state = Lock(State())
    /// Signaled when a session, the first contact or a confirmation has come.
    let changed = EventCount()
    /// Signaled when the worker has something to do.
    let work = EventCount()
    package let counters = TierCounters()
    package let roundTrips = Histogram()
    let report: @Sendable (Report) -> Void
    private let threads = LateInit<[Thread]>()

    /// What is told of the tier as it happens.
    package enum Report: Sendable, Equatable {
        case connected
        case lost(String)
        /// A mistake of the configuration.
        case refused(String)
    }

    struct State: Sendable {
        var breaker = CircuitBreaker()
        var pending = PendingInvalidations()
        var clock = TierClock()
        var epoch: ServerEpoch?
        var idle: [any TierSession] = []
        /// Those that are idle or in use.
        var sessions = 0
        /// How many callers wait for one.
        var waiting = 0
        var jobs = Queue<Job>()
        var jobBytes = 0
        /// Whether the first attempt to connect has ended.
        var hasTried = false
        var refusal: String?
        var isClosed = false
        /// What is in use just now.
        var busy: [any TierSession] = []

        mutating func takeIdle() -> (any TierSession)? {
            guard let session = idle.popLast() else { return nil }
            busy.append(session)
            return session
        }

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

    enum Limits {
        static let sessions = 4
        static let jobs = 1024
        static let jobBytes = 32 << 20
        static let clockMilliseconds = 500
        /// How long others wait for the answer of one who has gone.
        static let leaseMilliseconds = 1000
        static let shortestPoll = 1
        static let longestPoll = 16
        /// For what no caller waits for.
        static let workMilliseconds = 250
        static let connectMilliseconds = 500
        /// Of a sign that an answer is too large.
        static let oversizedMilliseconds = 10_000
    }

    package init(
        _ store: any TierStore, _ settings: Settings, manualClock: (@Sendable () -> Int64)? = nil, report: @escaping @Sendable (Report) -> Void = { _ in }
    ) {
        self.store = store
        self.settings = settings
        self.manualClock = manualClock
        self.report = report
    }

    /// Starts its threads. `hear` tells what others invalidate, on one of them.
    package func start(hear: (@Sendable (TierListener.Event) -> Void)?) {
        var threads: [Thread] = []
        if let thread = Thread({ [unowned self] in runWorker() }) { threads.append(thread) }
        if let hear, let thread = Thread({ [unowned self] in TierListener(self, hear).run() }) { threads.append(thread) }
        self.threads.set(threads)
    }

    /// Makes all waits end soon. Any thread.
    package func interrupt() {
        state.withLock { state in
            state.isClosed = true
            for session in state.busy { session.interrupt() }
        }
        changed.signal()
        work.signal()
        subscription.withLock { $0?.interrupt() }
    }

    /// Ends its threads. No call runs any more.
    package func close() {
        interrupt()
        for thread in threads.value ?? [] { thread.join() }
        let idle = state.withLock { state in
            defer { state.idle = [] }
            return state.idle
        }
        for session in idle { session.close() }
    }

    let subscription = Lock<(any TierSubscription)?>(nil)

    /// Whether others' invalidations come in.
    package var isHearing: Bool { hears.load(ordering: .acquiring) }

    let hears = Atomic<Bool>(false)

    package var isListening: Bool { settings.isListening }

    package var status: Status {
        state.withLock { state in
            Status(
                openings: state.breaker.openings, isTrusted: state.breaker.isClosed && state.pending.isEmpty, pending: state.pending.count,
                connections: state.sessions)
        }
    }

    static var now: UInt64 { UInt64(clamping: Deadline.now.nanoseconds) }

    /// The tier's time: not after, and not before it.
    func time(_ clock: TierClock, _ now: UInt64) -> (earliest: Int64, latest: Int64) {
        if let manual = manualClock?() { return (manual, manual) }
        return (clock.earliest(now), clock.latest(now))
    }

    /// By when a call that begins now has to have its answer.
    func budget(until deadline: Deadline) -> Deadline { min(deadline, .after(milliseconds: settings.timeoutMilliseconds)) }

    // MARK: Sessions

    enum Acquired {
        case session(any TierSession, TierClock)
        case untrusted
        case none
    }

    /// A session for one call. Waits for one to be free, and for the first contact; not for a tier that fails.
    func acquire(until deadline: Deadline, needsTrust: Bool) -> Acquired {
        var isWaiting = false
        defer { if isWaiting { state.withLock { $0.waiting -= 1 } } }
        while true {
            let seen = changed.count
            let found: Acquired? = state.withLock { state in
                if state.isClosed { return .some(.none) }
                if !state.breaker.isClosed { return state.hasTried ? .untrusted : nil }
                if needsTrust, !state.pending.isEmpty || !state.clock.isKnown(at: SecondTier.now) { return .untrusted }
                if let session = state.takeIdle() { return .session(session, state.clock) }
                return nil
            }
            if let found { return found }
            if Deadline.now >= deadline { return .none }
            if !isWaiting {
                isWaiting = true
                state.withLock { $0.waiting += 1 }
                work.signal()
            }
            guard CancellationToken.wait(on: changed, after: seen, until: deadline) else { return .none }
        }
    }

    /// Gives a session back after a call that went well.
    func giveBack(_ session: any TierSession) {
        let isKept = state.withLock { state in
            state.breaker.succeed()
            state.endUse(session)
            // Why not one of another epoch: what is stored there is found by no one.
            let isCurrent = !state.isClosed && session.epoch == state.epoch
            if isCurrent { state.idle.append(session) } else { state.sessions -= 1 }
            return isCurrent
        }
        if !isKept { session.close() }
        changed.signal()
    }

    /// Ends a session after a fault.
    func giveUp(_ session: any TierSession, _ fault: TierFault) {
        // Why first: what closes the tier interrupts those that are in use.
        state.withLock { state in
            state.endUse(session)
            state.sessions -= 1
        }
        session.close()
        fail(fault)
    }

    func fail(_ fault: TierFault) {
        counters.faults.add()
        if fault == .timedOut { counters.timeouts.add() }
        let (idle, hasOpened) = state.withLock { state -> ([any TierSession], Bool) in
            let openings = state.breaker.openings
            state.breaker.fail(now: SecondTier.now)
            if state.breaker.isClosed { return ([], false) }
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
    /// For the log and for errors; no secret is in it.
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
    /// Reads that went to the database because the tier could not be asked, or not be trusted.
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
