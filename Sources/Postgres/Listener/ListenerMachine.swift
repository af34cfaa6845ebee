import Concurrency

/// Decides what a listener does next, and whether it can be relied on. It is a pure value: no I/O, no lock, no clock.
///
/// Events go in, actions come out.
///
///     idle         → connecting (start)
///     connecting   → subscribing (connected), paused (failed)
///     subscribing  → surveying (subscribed), paused (failed, too late)
///     surveying    → probing (answered), paused (failed, too late)
///     probing      → caughtUp (probe sent and received), surveying (needsResync), paused (failed, too late)
///     caughtUp     → surveying (needsResync, or answered with another catalog), paused (failed, silent for too long)
///     paused       → connecting (the pause is over)
///     any          → closed (close)
///
/// *Caught up* means two things. Every change that was committed earlier is visible to queries from now on. Every later change
/// will be received. The state begins with `caughtUp` and ends with `lagging`, which is the first action after a loss.
///
/// A *heartbeat* is a query that the server answers with the state of its catalog. Its answer follows all notifications of commits before it.
/// So silence is proved up to the moment when the last answered heartbeat was sent.
///
/// A *probe* is a notification that another connection of the client sends. Receiving it proves that notifications of the database
/// where the client reads arrive here.
struct ListenerMachine {
    /// Nanoseconds of any clock that does not go back.
    typealias Time = Int64

    struct Settings {
        /// The greatest age of the last answered heartbeat.
        var silenceNanoseconds: Time = 5_000_000_000
        /// The limit of each step before the listener has caught up.
        var stepNanoseconds: Time = 5_000_000_000
        /// The pause after the first failure. It doubles with each failure, and starts again after the listener has caught up.
        var firstPauseNanoseconds: Time = 50_000_000
        var longestPauseNanoseconds: Time = 5_000_000_000
        var backoff: Backoff { Backoff(first: firstPauseNanoseconds, longest: longestPauseNanoseconds) }

        /// Three heartbeats in a row may be lost.
        var heartbeatNanoseconds: Time { max(silenceNanoseconds / 4, 1) }
    }

    enum State: Equatable {
        case idle
        case connecting
        case subscribing(since: Time)
        case surveying(since: Time)
        case probing(number: UInt64, since: Time)
        case caughtUp
        case paused(until: Time)
        case closed
    }

    /// What the shell has to do.
    enum Action: Equatable {
        /// Connect, then call `connected` or `failed`.
        case connect
        /// Send LISTEN; its answer is `subscribed`.
        case subscribe
        /// Ask for the state of the catalog; its answer is `answered`.
        case heartbeat
        /// Make another connection notify the number, then call `probeSent` or `failed`.
        case sendProbe(UInt64)
        case disconnect
        /// - Parameter isContinuous: true if nothing was missed since the last `lagging`.
        case caughtUp(isContinuous: Bool)
        case lagging
    }

    let settings: Settings
    private(set) var state = State.idle
    /// Failures since the listener was last caught up.
    private(set) var failures = 0
    /// How often the listener fell behind after it had caught up.
    private(set) var losses: UInt64 = 0
    /// The state of the catalog when the last probe was prepared.
    private var catalog: [UInt8] = []
    /// When the last answered heartbeat was sent.
    private(set) var lastProof: Time = 0
    /// When the unanswered heartbeat was sent; nil if there is none.
    private var heartbeatSent: Time?
    private var lastProbe: UInt64 = 0
    private var isProbeSent = false
    private var isProbeReceived = false
    /// True if the listener had caught up on this connection before.
    private var isContinuous = false

    init(_ settings: Settings) { self.settings = settings }

    var isCaughtUp: Bool { state == .caughtUp }

    // MARK: On the way to trust

    mutating func start() -> [Action] {
        guard state == .idle else { return [] }
        state = .connecting
        return [.connect]
    }

    mutating func connected(now: Time) -> [Action] {
        guard state == .connecting else { return [] }
        state = .subscribing(since: now)
        heartbeatSent = nil
        isContinuous = false
        return [.subscribe]
    }

    mutating func subscribed(now: Time) -> [Action] {
        guard case .subscribing = state else { return [] }
        return survey(now)
    }

    /// The server has answered a heartbeat. Everything that it sent earlier has been read.
    mutating func answered(_ catalog: [UInt8], now: Time) -> [Action] {
        guard let sent = heartbeatSent else { return [] }
        heartbeatSent = nil
        lastProof = sent
        switch state {
        case .surveying:
            self.catalog = catalog
            lastProbe &+= 1
            (isProbeSent, isProbeReceived) = (false, false)
            state = .probing(number: lastProbe, since: now)
            return [.sendProbe(lastProbe)]
        case .caughtUp where catalog != self.catalog: return needsResync(now: now)
        default: return []
        }
    }

    /// The probe was sent at that moment and is on its way.
    mutating func probeSent(_ number: UInt64, sent: Time) -> [Action] {
        guard case .probing(number, _) = state else { return [] }
        isProbeSent = true
        // Why: commits before the probe are notified before it.
        lastProof = max(lastProof, sent)
        return settle()
    }

    /// The probe was received.
    mutating func probeReceived(_ number: UInt64) -> [Action] {
        guard case .probing(number, _) = state else { return [] }
        isProbeReceived = true
        return settle()
    }

    private mutating func settle() -> [Action] {
        guard isProbeSent, isProbeReceived else { return [] }
        state = .caughtUp
        failures = 0
        defer { isContinuous = true }
        return [.caughtUp(isContinuous: isContinuous)]
    }

    /// The result of the last probe is no longer valid. The listener has to catch up again.
    mutating func needsResync(now: Time) -> [Action] {
        switch state {
        case .caughtUp: return lose() + survey(now)
        case .probing: return survey(now)
        default: return []
        }
    }

    private mutating func survey(_ now: Time) -> [Action] {
        state = .surveying(since: now)
        // Why: an answer on its way may describe an older catalog. The next heartbeat then shows the change.
        if heartbeatSent != nil { return [] }
        heartbeatSent = now
        return [.heartbeat]
    }

    // MARK: Away from it

    /// Something broke. A connection, if there is one, is not used again.
    mutating func failed(now: Time, jitter: UInt64) -> [Action] {
        var actions: [Action] = []
        switch state {
        case .idle, .paused, .closed: return []
        case .connecting: break
        case .caughtUp: actions = lose() + [.disconnect]
        case .subscribing, .surveying, .probing: actions = [.disconnect]
        }
        failures += 1
        heartbeatSent = nil
        state = .paused(until: now &+ settings.backoff.pause(afterFailures: failures, jitter: jitter))
        return actions
    }

    private mutating func lose() -> [Action] {
        losses &+= 1
        return [.lagging]
    }

    mutating func close() -> [Action] {
        defer { state = .closed }
        switch state {
        case .idle, .paused, .connecting, .closed: return []
        case .caughtUp: return [.lagging, .disconnect]
        case .subscribing, .surveying, .probing: return [.disconnect]
        }
    }

    // MARK: Time

    mutating func tick(now: Time, jitter: UInt64) -> [Action] {
        if now < nextTick { return [] }
        switch state {
        case .subscribing, .surveying, .probing: return failed(now: now, jitter: jitter)
        case .paused:
            state = .connecting
            return [.connect]
        case .caughtUp:
            if now >= lastProof &+ settings.silenceNanoseconds { return failed(now: now, jitter: jitter) }
            heartbeatSent = now
            return [.heartbeat]
        case .idle, .connecting, .closed: return []
        }
    }

    /// When `tick` has something to do.
    var nextTick: Time {
        switch state {
        case .idle, .connecting, .closed: .max
        case .subscribing(let since), .surveying(let since), .probing(_, let since): since &+ settings.stepNanoseconds
        case .paused(let until): until
        case .caughtUp: lastProof &+ (heartbeatSent == nil ? settings.heartbeatNanoseconds : settings.silenceNanoseconds)
        }
    }

    /// Stops a debug build if the parts of the machine contradict each other. Called after each event.
    func checkInvariants() {
        switch state {
        case .idle, .connecting, .paused: precondition(heartbeatSent == nil, "nothing is asked without a connection")
        case .probing(let number, _): precondition(number == lastProbe && !(isProbeSent && isProbeReceived), "one probe is on its way")
        case .caughtUp: precondition(failures == 0 && isProbeSent && isProbeReceived, "it has caught up by a probe")
        case .subscribing, .surveying, .closed: break
        }
    }
}
