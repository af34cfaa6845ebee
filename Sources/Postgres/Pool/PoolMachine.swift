import Concurrency

/// Decides which caller gets which connection. It is a pure value: no I/O, no lock, no clock.
///
/// Events go in, actions come out. Every connection is a slot. Its states and their exits are:
///
///     connecting  → leased (connected), gone (connectFailed, connectAbandoned)
///     leased      → idle or leased by the next waiter (release), closing (release of what is not reusable)
///     idle        → leased (lease), closing (too old, or the pool closes)
///     closing     → gone (ended, or given up after `closingNanoseconds`)
///
/// Waiters are served first come, first served. There are never more slots than `limit`.
struct PoolMachine {
    typealias SlotID = UInt64
    typealias WaiterID = UInt64
    /// Nanoseconds of any clock that does not go back.
    typealias Time = Int64

    struct Settings {
        var limit = 10
        /// How long a connection is warm for the thread that used it.
        var warmNanoseconds: Time = 1_000_000
        /// A connection that is idle longer is closed; 0 keeps it.
        var idleNanoseconds: Time = 300_000_000_000
        /// A slot that takes longer to close no longer counts, because its server does not answer.
        var closingNanoseconds: Time = 1_000_000_000
        /// The pause after the first failed connect. It doubles with each failure.
        var firstPauseNanoseconds: Time = 20_000_000
        var longestPauseNanoseconds: Time = 1_000_000_000
        var backoff: Backoff { Backoff(first: firstPauseNanoseconds, longest: longestPauseNanoseconds) }
        /// How long after "too many connections" another connect is tried.
        var regrowNanoseconds: Time = 1_000_000_000
    }

    enum Refusal: Equatable {
        case closed
        /// The last connect failed, no connection is alive, and it is too early for another attempt.
        case unreachable
    }

    /// The result of a request for a connection.
    enum Grant: Equatable {
        /// An idle connection, which is leased now.
        case use(SlotID)
        /// Connect, then call `connected`, `connectFailed` or `connectAbandoned`.
        case connect(SlotID)
        case wait(WaiterID)
        case refuse(Refusal)
    }

    /// What the shell has to do.
    enum Action: Equatable {
        case wake(WaiterID, Grant)
        /// Close this idle connection, then call `ended`.
        case close(SlotID)
    }

    enum State: Equatable {
        case connecting
        case leased
        case idle(since: Time)
        case closing(since: Time)
    }

    enum ConnectProblem {
        case unreachable
        /// The server has no room for another connection.
        case full
    }

    let settings: Settings
    private(set) var slots: [SlotID: State] = [:]
    /// Idle slots. The most recently used is last and is taken first, so that the others can expire.
    private(set) var idle: [SlotID] = []
    private(set) var waiters = WaiterQueue()
    /// The waiters whose reads another caller may send.
    private(set) var sharers = WaiterQueue()
    private(set) var isClosed = false
    /// Number of connections that were ever established, and of those that are gone.
    private(set) var opened: UInt64 = 0
    private(set) var ended: UInt64 = 0
    /// At most `limit`. Less after the server has said that it is full.
    private(set) var allowance: Int
    private var lastFull: Time = 0
    /// Number of failed connects in a row. Failures during the same pause count as one.
    private(set) var failures = 0
    /// No connect starts before this.
    private(set) var pauseEnd: Time = .min
    private var lastSlot: SlotID = 0
    private var lastWaiter: WaiterID = 0

    init(_ settings: Settings) {
        self.settings = settings
        allowance = settings.limit
    }

    /// Number of connections that are leased, idle or connecting.
    var aliveCount: Int {
        slots.values.reduce(0) { if case .closing = $1 { $0 } else { $0 + 1 } }
    }

    private var connectingCount: Int { slots.values.reduce(0) { $0 + ($1 == .connecting ? 1 : 0) } }

    // MARK: Requests

    /// True if a caller would have to wait for a connection.
    func isBusy(now: Time) -> Bool { !isClosed && (!waiters.isEmpty || idle.isEmpty && !mayConnect(now) && !isDown(now)) }

    /// A caller requests a connection. With `shares` another caller may send its read instead.
    /// - Parameter favourite: the slot that the caller's thread used last.
    mutating func lease(now: Time, shares: Bool = false, favourite: SlotID? = nil) -> Grant {
        if isClosed { return .refuse(.closed) }
        if waiters.isEmpty {
            if let slot = takeIdle(favourite, now) {
                slots[slot] = .leased
                return .use(slot)
            }
            if mayConnect(now) { return .connect(openSlot()) }
            if isDown(now) { return .refuse(.unreachable) }
        }
        let waiter = enqueue()
        if shares { sharers.append(waiter) }
        return .wait(waiter)
    }

    /// The slot that was used last, so that the others age. A thread's own comes first while it is warm.
    ///
    /// Why: thread and server process then stay on one core, and two callers get twice as many answers as one.
    private mutating func takeIdle(_ favourite: SlotID?, _ now: Time) -> SlotID? {
        guard let favourite, idle.count > 1, idle.last != favourite, case .idle(let since)? = slots[favourite],
            now &- since < settings.warmNanoseconds, let place = idle.lastIndex(of: favourite)
        else { return idle.popLast() }
        return idle.remove(at: place)
    }

    /// A waiter gives up. Returns false if it has been granted something in the meantime, which it must take.
    mutating func abandon(_ waiter: WaiterID) -> Bool {
        _ = sharers.remove(waiter)
        return waiters.remove(waiter)
    }

    /// Returns the waiters whose reads are sent with a read that has a connection: the oldest ones, at most `most`, up to the first that does
    /// not fit.
    ///
    /// The waiting reads are spread evenly over the leased connections.
    /// Why not all: the server works on as many queries at once as there are connections.
    mutating func gather(most: Int, fits: (WaiterID) -> Bool = { _ in true }) -> [WaiterID] {
        if sharers.isEmpty || isClosed { return [] }
        let lent = slots.values.reduce(0) { $0 + ($1 == .leased ? 1 : 0) }
        var count = min(most, (sharers.count + lent - 1) / max(lent, 1))
        var gathered: [WaiterID] = []
        while count > 0, let waiter = sharers.popFirst() {
            if !fits(waiter) {
                sharers.append(waiter, inFront: true)
                break
            }
            _ = waiters.remove(waiter)
            gathered.append(waiter)
            count -= 1
        }
        return gathered
    }

    // MARK: Connecting

    /// A connection is established and leased by the caller that asked for it. Other waiters may connect now.
    mutating func connected(_ slot: SlotID, now: Time) -> [Action] {
        guard slots[slot] == .connecting else { return [] }
        slots[slot] = .leased
        opened &+= 1
        failures = 0
        pauseEnd = .min
        // Why: the additional connection has found room, so there may be room for another.
        if allowance < settings.limit, slots.count >= allowance { allowance += 1 }
        return serve(now)
    }

    /// A connect failed. The caller that tried gets the error.
    ///
    /// If the server is merely full and other connections exist, that caller waits for one of those, in front of all others. If the caller has
    /// left (`isAwaited` is false), no one waits.
    mutating func connectFailed(
        _ slot: SlotID, _ problem: ConnectProblem, isAwaited: Bool = true, now: Time, jitter: UInt64
    ) -> (WaiterID?, [Action]) {
        guard slots.removeValue(forKey: slot) != nil else { return (nil, []) }
        // Why: ten attempts that began together and fail together are one reason to wait, not ten.
        if failures == 0 || now >= pauseEnd {
            failures += 1
            pauseEnd = now &+ settings.backoff.pause(afterFailures: failures, jitter: jitter)
        }
        var waiter: WaiterID?
        if problem == .full {
            allowance = max(1, slots.count)
            lastFull = now
            if isAwaited, aliveCount > 0, !isClosed { waiter = enqueue(inFront: true) }
        }
        return (waiter, serve(now))
    }

    /// An attempt ended with its caller's time, which says nothing about the server.
    mutating func connectAbandoned(_ slot: SlotID, now: Time) -> [Action] {
        slots[slot] = nil
        return serve(now)
    }

    // MARK: Returning

    /// A lease ends. A connection that is not reusable is closing from now on; the shell calls `ended` after it has closed it.
    mutating func release(_ slot: SlotID, isReusable: Bool, now: Time) -> [Action] {
        guard slots[slot] == .leased else { return [] }
        guard isReusable else {
            slots[slot] = .closing(since: now)
            return serve(now)
        }
        if isClosed || slots.count > allowance {
            slots[slot] = .closing(since: now)
            return [.close(slot)] + serve(now)
        }
        if let waiter = popWaiter() { return [.wake(waiter, .use(slot))] }
        slots[slot] = .idle(since: now)
        idle.append(slot)
        return []
    }

    /// A connection has been closed.
    mutating func ended(_ slot: SlotID, now: Time) -> [Action] {
        guard case .closing = slots[slot] else { return [] }
        slots[slot] = nil
        ended &+= 1
        return serve(now)
    }

    // MARK: Time

    /// Time has passed. Closes connections that were idle too long, gives up slots that do not close, and tries again after a pause.
    mutating func tick(now: Time) -> [Action] {
        var actions: [Action] = []
        if allowance < settings.limit, now &- lastFull >= settings.regrowNanoseconds {
            allowance += 1
            lastFull = now
        }
        for (slot, state) in slots {
            switch state {
            case .idle(let since)
            where settings.idleNanoseconds > 0 && now &- since >= settings.idleNanoseconds:
                idle.removeAll { $0 == slot }
                slots[slot] = .closing(since: now)
                actions.append(.close(slot))
            case .closing(let since) where now &- since >= settings.closingNanoseconds:
                slots[slot] = nil
                ended &+= 1
            default: break
            }
        }
        return actions + serve(now)
    }

    /// When `tick` may have something to do for a waiter; `.max` if there is none.
    ///
    /// After a tick it lies in the future, so a waiter never loops without sleeping.
    var nextTick: Time {
        if waiters.isEmpty { return .max }
        var closing = Time.max
        for state in slots.values { if case .closing(let since) = state { closing = min(closing, since &+ settings.closingNanoseconds) } }
        let mayTryThen = failures > 0 && slots.count < allowance && connectingCount == 0
        let regrowth = allowance < settings.limit ? lastFull &+ settings.regrowNanoseconds : .max
        return min(closing, mayTryThen ? pauseEnd : .max, regrowth)
    }

    /// Ends the leasing. Waiters are refused, idle connections close, and leased ones close when they are released.
    mutating func close(now: Time) -> [Action] {
        isClosed = true
        var actions: [Action] = idle.map { .close($0) }
        for slot in idle { slots[slot] = .closing(since: now) }
        idle.removeAll()
        actions += serve(now)
        return actions
    }

    // MARK: Serving

    /// Grants to waiters what is available now.
    private mutating func serve(_ now: Time) -> [Action] {
        var actions: [Action] = []
        while !waiters.isEmpty {
            let grant: Grant
            if isClosed {
                grant = .refuse(.closed)
            } else if let slot = idle.popLast() {
                slots[slot] = .leased
                grant = .use(slot)
            } else if mayConnect(now) {
                grant = .connect(openSlot())
            } else if isDown(now) {
                grant = .refuse(.unreachable)
            } else {
                break
            }
            if let waiter = popWaiter() { actions.append(.wake(waiter, grant)) }
        }
        return actions
    }

    /// True if a connect may start. While connects fail, one at a time is tried.
    private func mayConnect(_ now: Time) -> Bool {
        slots.count < allowance && now >= pauseEnd && (failures == 0 || connectingCount == 0)
    }

    /// True if no connection exists that a waiter could get, and none may be tried yet.
    private func isDown(_ now: Time) -> Bool { failures > 0 && now < pauseEnd && aliveCount == 0 }

    private mutating func openSlot() -> SlotID {
        lastSlot &+= 1
        slots[lastSlot] = .connecting
        return lastSlot
    }

    private mutating func popWaiter() -> WaiterID? {
        let waiter = waiters.popFirst()
        if let waiter, !sharers.isEmpty { _ = sharers.remove(waiter) }
        return waiter
    }

    private mutating func enqueue(inFront: Bool = false) -> WaiterID {
        lastWaiter &+= 1
        waiters.append(lastWaiter, inFront: inFront)
        return lastWaiter
    }

    // MARK: Invariants

    /// Stops a debug build if the parts of the machine contradict each other. Called after each event.
    func checkInvariants() {
        let idleSlots = slots.filter { if case .idle = $0.value { true } else { false } }
        precondition(idle.count == idleSlots.count && idle.allSatisfy { idleSlots[$0] != nil }, "the idle list has the idle slots, each once")
        precondition(slots.count <= settings.limit, "there are no more slots than allowed")
        precondition(allowance <= settings.limit, "a full server never raises the limit")
        precondition(waiters.isEmpty || idle.isEmpty, "nobody waits while a connection is idle")
        precondition(sharers.count <= waiters.count && sharers.allSatisfy { waiters.contains($0) }, "who may go along waits")
        precondition(!isClosed || idle.isEmpty && waiters.isEmpty, "a closed pool lends nothing, and lets nobody wait")
    }
}
