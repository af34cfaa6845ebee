import Concurrency

/// What a listener does next, and whether it may be relied on, decided: a pure value. Events go in, actions come out; no I/O, no lock, no
/// clock.
///
///     idle         → connecting (start)
///     connecting   → subscribing (connected), paused (failed)
///     subscribing  → surveying (subscribed), paused (failed, too late)
///     surveying    → greeting (answered), paused (failed, too late)
///     greeting     → trusted (greeted and heard), surveying (unsettled), paused (failed, too late)
///     trusted      → surveying (unsettled, or answered with another state of the catalog), paused (failed, silent for too long)
///     paused       → connecting (its time has come)
///     any          → closed (close)
///
/// Trust is what `caughtUp` means: every change that was committed before it began shows to queries from now on, and each later one will be
/// heard. It is given by `caughtUp` and taken by `lagging`, which comes before anything else is done.
///
/// A *heartbeat* is a question that the server answers with the state of its catalog. Its answer comes after all notifications of what was
/// committed before it was asked. So silence is known to be silence up to the moment when the last answered heartbeat was sent.
/// A *probe* is a notification sent by another connection of the client. To hear it proves that what is said in the database where
/// the client reads arrives here unasked.
struct ListenerMachine {
    /// Nanoseconds of any clock that does not go back.
    typealias Time = Int64

    struct Settings {
        /// How old the last answered heartbeat may become.
        var silenceNanoseconds: Time = 5_000_000_000
        /// How long each step on the way to trust may take.
        var stepNanoseconds: Time = 5_000_000_000
        /// The pause after the first failure; it doubles with each, and begins again once there was trust.
        var firstPauseNanoseconds: Time = 50_000_000
        var longestPauseNanoseconds: Time = 5_000_000_000
        var backoff: Backoff { Backoff(first: firstPauseNanoseconds, longest: longestPauseNanoseconds) }

        /// Three heartbeats may be lost on the way.
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
        /// Connect, and say `connected` or `failed`.
        case connect
        /// Send LISTEN; its answer is `subscribed`.
        case subscribe
        /// Ask for the state of the catalog; its answer is `answered`.
        case heartbeat
        /// Have the number notified by another connection, and say `probeSent` or `failed`.
        case sendProbe(UInt64)
        case disconnect
        /// - Parameter isContinuous: nothing was missed since the last `lagging`.
        case caughtUp(isContinuous: Bool)
        case lagging
    }

    let settings: Settings
    private(set) var state = State.idle
    /// Failures since there was trust.
    private(set) var failures = 0
    /// How often trust was lost.
    private(set) var losses: UInt64 = 0
    /// What the catalog was like when the last probe was prepared.
    private var catalog: [UInt8] = []
    /// When the last answered heartbeat was sent.
    private(set) var lastProof: Time = 0
    /// When the heartbeat that is not answered yet was sent.
    private var heartbeatSent: Time?
    private var lastProbe: UInt64 = 0
    private var isProbeSent = false
    private var isProbeReceived = false
    /// Whether there was trust on this connection before.
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

    /// The server has answered a heartbeat. What it said before has been read.
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

    /// The probe was sent then, and is on its way.
    mutating func probeSent(_ number: UInt64, sent: Time) -> [Action] {
        guard case .probing(number, _) = state else { return [] }
        isProbeSent = true
        // What was committed before it comes before it.
        lastProof = max(lastProof, sent)
        return settle()
    }

    /// The probe was heard.
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

    /// What was found out for the probe holds no more: it has to be found out again.
    mutating func needsResync(now: Time) -> [Action] {
        switch state {
        case .caughtUp: return lose() + survey(now)
        case .probing: return survey(now)
        default: return []
        }
    }

    private mutating func survey(_ now: Time) -> [Action] {
        state = .surveying(since: now)
        // Why: an answer that is on its way may be of an older catalog, which the next heartbeat then shows.
        if heartbeatSent != nil { return [] }
        heartbeatSent = now
        return [.heartbeat]
    }

    // MARK: Away from it

    /// Something broke. The connection, if there is one, is not used again.
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

    /// Stops the program when its parts contradict each other. After each event in debug builds.
    func checkInvariants() {
        switch state {
        case .idle, .connecting, .paused: precondition(heartbeatSent == nil, "nothing is asked without a connection")
        case .probing(let number, _): precondition(number == lastProbe && !(isProbeSent && isProbeReceived), "one probe is on its way")
        case .caughtUp: precondition(failures == 0 && isProbeSent && isProbeReceived, "it has caught up by a probe")
        case .subscribing, .surveying, .closed: break
        }
    }
}
