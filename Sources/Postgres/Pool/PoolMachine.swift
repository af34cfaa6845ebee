import Concurrency

/// Who gets which connection, decided: a pure value. Events go in, actions come out; no I/O, no lock, no clock.
///
/// Every connection is a slot. Its states and their exits:
///
///     connecting  → leased (connected), gone (connectFailed, connectAbandoned)
///     leased      → idle or leased by the next waiter (release), closing (release of what is not reusable)
///     idle        → leased (lease), closing (too old, or the pool closes)
///     closing     → gone (ended, or given up on after `closingNanoseconds`)
///
/// Waiters are served in the order of their coming. There are never more slots than `limit`.
struct PoolMachine {
    typealias SlotID = UInt64
    typealias WaiterID = UInt64
    /// Nanoseconds of any clock that does not go back.
    typealias Time = Int64

    struct Settings {
        var limit = 10
        /// Idle for longer is closed; 0 keeps.
        var idleNanoseconds: Time = 300_000_000_000
        /// A slot that takes longer to close no longer counts: its server does not answer.
        var closingNanoseconds: Time = 1_000_000_000
        /// The pause after the first failed connect; it doubles with each.
        var firstPauseNanoseconds: Time = 20_000_000
        var longestPauseNanoseconds: Time = 1_000_000_000
        var backoff: Backoff { Backoff(first: firstPauseNanoseconds, longest: longestPauseNanoseconds) }
        /// How long after "too many connections" one more is tried.
        var regrowNanoseconds: Time = 1_000_000_000
    }

    enum Refusal: Equatable {
        case closed
        /// The last connect failed, none is alive, and it is too soon to try again.
        case unreachable
    }

    /// What becomes of a request for a connection.
    enum Grant: Equatable {
        /// An idle connection, now leased.
        case use(SlotID)
        /// Connect, and say how it went.
        case connect(SlotID)
        case wait(WaiterID)
        case refuse(Refusal)
    }

    /// What the shell has to do.
    enum Action: Equatable {
        case wake(WaiterID, Grant)
        /// Close this idle connection, and say `ended`.
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
        /// The server has no room for one more.
        case full
    }

    let settings: Settings
    private(set) var slots: [SlotID: State] = [:]
    /// Idle slots, the most recently used last: it is taken first, so that the others can age.
    private(set) var idle: [SlotID] = []
    private(set) var waiters = WaiterQueue()
    /// Those of them whose reads may go along with another's.
    private(set) var sharers = WaiterQueue()
    private(set) var isClosed = false
    /// Connections that were ever established, and those of them that are gone.
    private(set) var opened: UInt64 = 0
    private(set) var ended: UInt64 = 0
    /// At most `limit`; less after the server said that it is full.
    private(set) var allowance: Int
    private var lastFull: Time = 0
    /// Connects that failed in a row, those that failed during the same pause counted as one.
    private(set) var failures = 0
    /// No connect before this.
    private(set) var pauseEnd: Time = .min
    private var lastSlot: SlotID = 0
    private var lastWaiter: WaiterID = 0

    init(_ settings: Settings) {
        self.settings = settings
        allowance = settings.limit
    }

    /// Connections that are leased, idle or on their way.
    var aliveCount: Int {
        slots.values.reduce(0) { if case .closing = $1 { $0 } else { $0 + 1 } }
    }

    private var connectingCount: Int { slots.values.reduce(0) { $0 + ($1 == .connecting ? 1 : 0) } }

    // MARK: Requests

    /// Whether somebody who wants a connection would have to wait for it.
    func isBusy(now: Time) -> Bool { !isClosed && (!waiters.isEmpty || idle.isEmpty && !mayConnect(now) && !isDown(now)) }

    /// Somebody wants a connection. `shares`: or that its read goes along on another's.
    mutating func lease(now: Time, shares: Bool = false) -> Grant {
        if isClosed { return .refuse(.closed) }
        if waiters.isEmpty {
            if let slot = idle.popLast() {
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

    /// A waiter gave up. False when it has been granted something meanwhile, which it then has to take.
    mutating func abandon(_ waiter: WaiterID) -> Bool {
        _ = sharers.remove(waiter)
        return waiters.remove(waiter)
    }

    /// Who of those that wait goes along with a read that has a connection: the oldest, at most `most`.
    ///
    /// As many as come upon each connection that is lent. Why not all: the server works for as many at once as there are connections.
    mutating func gather(most: Int) -> [WaiterID] {
        if sharers.isEmpty || isClosed { return [] }
        let lent = slots.values.reduce(0) { $0 + ($1 == .leased ? 1 : 0) }
        var count = min(most, (sharers.count + lent - 1) / max(lent, 1))
        var gathered: [WaiterID] = []
        while count > 0, let waiter = sharers.popFirst() {
            _ = waiters.remove(waiter)
            gathered.append(waiter)
            count -= 1
        }
        return gathered
    }

    // MARK: Connecting

    /// A connection is made, and leased by the caller that asked for it. Others who wait may try now, too.
    mutating func connected(_ slot: SlotID, now: Time) -> [Action] {
        guard slots[slot] == .connecting else { return [] }
        slots[slot] = .leased
        opened &+= 1
        failures = 0
        pauseEnd = .min
        // Why: the one more that was tried has found room, so there may be room for the next.
        if allowance < settings.limit, slots.count >= allowance { allowance += 1 }
        return serve(now)
    }

    /// A connect failed. The one who tried gets the error, unless the server is merely full and other connections live:
    /// then it waits for one of those, in front of all. If no one is there to get it, no caller waits.
    mutating func connectFailed(
        _ slot: SlotID, _ problem: ConnectProblem, isAwaited: Bool = true, now: Time, jitter: UInt64
    ) -> (WaiterID?, [Action]) {
        guard slots.removeValue(forKey: slot) != nil else { return (nil, []) }
        // Why: ten that were tried together and fail together are one reason to be patient, not ten.
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

    /// An attempt ended with the time of the one who wanted it, which says nothing about the server.
    mutating func connectAbandoned(_ slot: SlotID, now: Time) -> [Action] {
        slots[slot] = nil
        return serve(now)
    }

    // MARK: Returning

    /// A lease ends. What is not reusable is closing from now on; the shell says `ended` when it is closed.
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

    /// A connection is closed.
    mutating func ended(_ slot: SlotID, now: Time) -> [Action] {
        guard case .closing = slots[slot] else { return [] }
        slots[slot] = nil
        ended &+= 1
        return serve(now)
    }

    // MARK: Time

    /// Time has passed: closes what was idle for too long, gives up on what does not close, tries again after a pause.
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

    /// When `tick` may have something to do for those who wait; never when no one does. After a tick it lies ahead, so that no one
    /// who waits for it goes round in circles.
    var nextTick: Time {
        if waiters.isEmpty { return .max }
        let closings = slots.values.compactMap { state -> Time? in
            if case .closing(let since) = state { since &+ settings.closingNanoseconds } else { nil }
        }
        let mayTryThen = failures > 0 && slots.count < allowance && connectingCount == 0
        let regrowth = allowance < settings.limit ? lastFull &+ settings.regrowNanoseconds : .max
        return min(closings.min() ?? .max, mayTryThen ? pauseEnd : .max, regrowth)
    }

    /// No more leases. Waiters are refused, idle connections close, leased ones close when they come back.
    mutating func close(now: Time) -> [Action] {
        isClosed = true
        var actions: [Action] = idle.map { .close($0) }
        for slot in idle { slots[slot] = .closing(since: now) }
        idle.removeAll()
        actions += serve(now)
        return actions
    }

    // MARK: Serving

    /// Gives those who wait what can be given now.
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

    /// While connects fail, one at a time is tried.
    private func mayConnect(_ now: Time) -> Bool {
        slots.count < allowance && now >= pauseEnd && (failures == 0 || connectingCount == 0)
    }

    /// Nothing lives that could come back to a waiter, and nothing may be tried yet.
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

    /// Stops the program when its parts contradict each other. After each event in debug builds.
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
