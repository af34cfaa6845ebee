/// The life of an interactive transaction: whose turn it is, who waits, and how it ends. A pure value; the time is a parameter.
///
///     idle ─ enter → busy ─ leave → idle, or busy for the next waiter
///     idle, busy → ended, once: by the request whose turn it is, or because its time is up or the client closes
struct TransactionStateMachine: Sendable {
    enum End: Sendable, Equatable { case committed, rolledBack, expired, closed }

    enum State: Sendable, Equatable {
        /// Exits: busy, ended.
        case idle
        /// A request runs. Waiters have numbers; 0 is a request that did not wait. Exits: idle, busy for another one, ended.
        case busy(UInt64)
        /// No exit.
        case ended(End)
    }

    enum Admission: Sendable, Equatable {
        case granted
        /// Wait under this number.
        case wait(UInt64)
        case refused(End)
        /// It has expired. The caller that gets this rolls it back.
        case expired
    }

    enum Departure: Sendable, Equatable {
        case idle
        /// The turn has passed to this waiter.
        case next(UInt64)
        /// It has ended meanwhile. The caller that gets this rolls it back.
        case ended(End)
    }

    let begin: UInt64
    /// The first moment at which it has expired.
    let expiry: UInt64
    private(set) var state = State.idle
    /// The waiters in order.
    private(set) var waiting: [UInt64] = []
    private var lastWaiter: UInt64 = 0
    /// True if it has to end when the running request is done.
    private var isClosing = false

    init(begin: UInt64, timeoutMilliseconds: Int) {
        self.begin = begin
        expiry = begin &+ UInt64(clamping: timeoutMilliseconds) &* 1_000_000
    }

    /// A request wants its turn.
    mutating func enter(now: UInt64) -> Admission {
        if case .ended(let end) = state { return .refused(end) }
        if case .busy = state {
            if now >= expiry { return .refused(.expired) }
            lastWaiter += 1
            waiting.append(lastWaiter)
            return .wait(lastWaiter)
        }
        if now >= expiry {
            state = .ended(.expired)
            return .expired
        }
        state = .busy(0)
        return .granted
    }

    /// What a waiter finds that was woken or has timed out. Nil: it has to go on waiting. If it `givesUp`, it is removed.
    mutating func look(_ waiter: UInt64, givesUp: Bool) -> Admission? {
        switch state {
        case .ended(let end): return .refused(end)
        case .busy(waiter): return .granted
        default:
            if givesUp { waiting.removeAll { $0 == waiter } }
            return nil
        }
    }

    /// The running request is done.
    mutating func leave(now: UInt64) -> Departure {
        if case .ended(let end) = state { return .ended(end) }
        if isClosing || now >= expiry {
            let end: End = isClosing ? .closed : .expired
            state = .ended(end)
            return .ended(end)
        }
        guard let next = waiting.first else {
            state = .idle
            return .idle
        }
        waiting.removeFirst()
        state = .busy(next)
        return .next(next)
    }

    /// The request with the turn ends the transaction.
    mutating func finish(_ end: End) { state = .ended(end) }

    /// Compares the time with the expiry. Returns true if the transaction ends by that; the caller then rolls it back.
    mutating func expire(now: UInt64) -> Bool {
        guard state == .idle, now >= expiry else { return false }
        state = .ended(.expired)
        return true
    }

    /// The client closes. Returns true if the transaction ends at once. Otherwise it ends when its request is done.
    mutating func close() -> Bool {
        isClosing = true
        guard state == .idle else { return false }
        state = .ended(.closed)
        return true
    }

    /// Stops a debug build if the parts of the machine contradict each other. Called after each event.
    func checkInvariants() {
        precondition(zip(waiting, waiting.dropFirst()).allSatisfy { $0 < $1 }, "waiters are in the order of their coming")
        switch state {
        case .idle: precondition(waiting.isEmpty && !isClosing, "nobody waits for a turn that is free")
        case .busy(let turn): precondition(turn <= lastWaiter && !waiting.contains(turn), "whose turn it is does not wait")
        case .ended: break
        }
    }
}
