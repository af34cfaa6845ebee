import Testing

@testable import Postgres

/// What a listener decides, step by step and by chance.
@Suite struct ListenerMachineTests {
    private static let silence: ListenerMachine.Time = 1_000

    private static func settings() -> ListenerMachine.Settings {
        var settings = ListenerMachine.Settings()
        settings.silenceNanoseconds = silence
        settings.stepNanoseconds = 500
        settings.firstPauseNanoseconds = 10
        settings.longestPauseNanoseconds = 80
        return settings
    }

    /// One that has come to trust at time 4, with the catalog `c`.
    private func caughtUp() -> ListenerMachine {
        var machine = ListenerMachine(Self.settings())
        #expect(machine.start() == [.connect])
        #expect(machine.connected(now: 1) == [.subscribe])
        #expect(machine.subscribed(now: 2) == [.heartbeat])
        #expect(machine.answered(Array("c".utf8), now: 3) == [.sendProbe(1)])
        #expect(machine.probeSent(1, sent: 4) == [])
        #expect(!machine.isCaughtUp)
        #expect(machine.probeReceived(1) == [.caughtUp(isContinuous: false)])
        #expect(machine.isCaughtUp)
        machine.checkInvariants()
        return machine
    }

    @Test func `trust needs LISTEN, a look at the catalog, and a greeting sent and heard`() {
        let machine = caughtUp()
        #expect(machine.lastProof == 4)
        #expect(machine.losses == 0)
    }

    @Test func `a greeting may be heard before whoever sent it says so, and an older one counts for nothing`() {
        var machine = ListenerMachine(Self.settings())
        _ = machine.start() + machine.connected(now: 1) + machine.subscribed(now: 2)
        #expect(machine.answered([], now: 3) == [.sendProbe(1)])
        #expect(machine.needsResync(now: 4) == [.heartbeat])
        #expect(machine.probeReceived(1) == [] && machine.probeSent(1, sent: 5) == [])
        #expect(machine.answered([], now: 6) == [.sendProbe(2)])
        #expect(machine.probeReceived(1) == [])
        #expect(machine.probeReceived(2) == [])
        #expect(machine.probeSent(2, sent: 6) == [.caughtUp(isContinuous: false)])
    }

    @Test func `beats go on while they are answered, and silence ends trust`() {
        var machine = caughtUp()
        #expect(machine.nextTick == 4 + Self.silence / 4)
        #expect(machine.tick(now: 253, jitter: 0) == [])
        #expect(machine.tick(now: 254, jitter: 0) == [.heartbeat])
        #expect(machine.nextTick == 4 + Self.silence, "the moment that is proven counts, not that of the question")
        #expect(machine.answered(Array("c".utf8), now: 900) == [])
        #expect(machine.nextTick == 254 + Self.silence / 4)
        #expect(machine.tick(now: 900, jitter: 0) == [.heartbeat])
        #expect(machine.tick(now: 254 + Self.silence, jitter: 0) == [.lagging, .disconnect])
        #expect(machine.losses == 1)
    }

    @Test func `another state of the catalog takes trust until it is understood, and nothing was missed`() {
        var machine = caughtUp()
        _ = machine.tick(now: 300, jitter: 0)
        #expect(machine.answered(Array("d".utf8), now: 301) == [.lagging, .heartbeat])
        #expect(machine.answered(Array("d".utf8), now: 302) == [.sendProbe(2)])
        #expect(machine.probeSent(2, sent: 303) == [])
        #expect(machine.probeReceived(2) == [.caughtUp(isContinuous: true)])
    }

    @Test func `after a failure the pauses grow, and trust makes them short again`() {
        var machine = ListenerMachine(Self.settings())
        _ = machine.start()
        var pauses: [ListenerMachine.Time] = []
        var now: ListenerMachine.Time = 100
        for _ in 0..<6 {
            #expect(machine.failed(now: now, jitter: 0) == [])
            pauses.append(machine.nextTick - now)
            now = machine.nextTick
            #expect(machine.tick(now: now, jitter: 0) == [.connect])
        }
        #expect(pauses == [5, 10, 20, 40, 40, 40])
        machine = caughtUp()
        #expect(machine.failed(now: 10, jitter: 0) == [.lagging, .disconnect])
        #expect(machine.nextTick == 15)
    }

    @Test func `a reconnect is not continuous`() {
        var machine = caughtUp()
        _ = machine.failed(now: 10, jitter: 0) + machine.tick(now: 15, jitter: 0)
        _ = machine.connected(now: 16) + machine.subscribed(now: 17) + machine.answered([], now: 18) + machine.probeSent(2, sent: 19)
        #expect(machine.probeReceived(2) == [.caughtUp(isContinuous: false)])
    }

    @Test func `closing takes trust, and nothing happens afterwards`() {
        var machine = caughtUp()
        #expect(machine.close() == [.lagging, .disconnect])
        #expect(machine.nextTick == .max)
        #expect(machine.failed(now: 1, jitter: 0) + machine.tick(now: .max, jitter: 0) + machine.close() + machine.start() == [])
    }

    /// A server, a network and other writers around the machine: what is trusted must have been heard.
    @Test(arguments: 0..<200) func `whatever happens, no change older than the allowed silence is unheard under trust`(seed: UInt64) throws {
        var world = World(seed: seed, settings: Self.settings())
        for _ in 0..<2_000 { try world.step() }
        #expect(world.timesTrusted > 0)
    }
}

/// Changes are numbered as they are committed. Everything travels in order on one connection, and may be cut or held up.
private struct World {
    enum Message { case listened, change(Int), probing(UInt64), catalog([UInt8]) }

    var machine: ListenerMachine
    var random: SplitMix
    var now: ListenerMachine.Time = 0
    var committed = 0
    /// When each change was committed.
    var commits: [ListenerMachine.Time] = []
    /// Up to which change the cache has been told, or dropped everything.
    var known = 0
    var isRelying = false
    var wire: [Message] = []
    var isConnected = false
    var isListening = false
    var isHeldUp = false
    var catalog: [UInt8] = [0]
    /// Actions to be carried out.
    var pending: [ListenerMachine.Action] = []
    var timesTrusted = 0
    let settings: ListenerMachine.Settings

    init(seed: UInt64, settings: ListenerMachine.Settings) {
        machine = ListenerMachine(settings)
        self.settings = settings
        random = SplitMix(seed: seed)
        pending = machine.start()
    }

    mutating func step() throws {
        now += ListenerMachine.Time(random.below(20))
        while !pending.isEmpty { perform(pending.removeFirst()) }
        switch random.below(100) {
        case 0..<40: commit()
        case 40..<85: deliver()
        case 85..<86: isHeldUp.toggle()
        case 86..<87:
            wire = []
            if isConnected { pending += machine.failed(now: now, jitter: random.next()) }
        case 87..<88: catalog = [UInt8(random.below(200))]
        default: break
        }
        if now >= machine.nextTick { pending += machine.tick(now: now, jitter: random.next()) }
        while !pending.isEmpty { perform(pending.removeFirst()) }
        try check()
    }

    private mutating func commit() {
        committed += 1
        commits.append(now)
        if isListening { wire.append(.change(committed)) }
    }

    private mutating func deliver() {
        guard !isHeldUp, !wire.isEmpty else { return }
        switch wire.removeFirst() {
        case .listened: pending += machine.subscribed(now: now)
        case .change(let number): known = max(known, number)
        case .probing(let number): pending += machine.probeReceived(number)
        case .catalog(let catalog): pending += machine.answered(catalog, now: now)
        }
    }

    private mutating func perform(_ action: ListenerMachine.Action) {
        switch action {
        case .connect:
            if random.below(4) == 0 { return pending += machine.failed(now: now, jitter: random.next()) }
            (isConnected, isListening, isHeldUp, wire) = (true, false, false, [])
            pending += machine.connected(now: now)
        case .subscribe:
            isListening = true
            wire.append(.listened)
        case .heartbeat: wire.append(.catalog(catalog))
        case .sendProbe(let number):
            if random.below(10) == 0 { return pending += machine.failed(now: now, jitter: random.next()) }
            wire.append(.probing(number))
            pending += machine.probeSent(number, sent: now)
        case .disconnect: (isConnected, isListening, wire) = (false, false, [])
        case .caughtUp:
            timesTrusted += 1
            isRelying = true
            // What is stored from here on is read after every change that was committed so far.
            known = committed
        case .lagging: isRelying = false
        }
    }

    /// Under trust, a change that is not known was committed no longer ago than the silence that is allowed.
    private func check() throws {
        guard isRelying, known < committed else { return }
        try #require(machine.isCaughtUp)
        try #require(now - commits[known] <= settings.silenceNanoseconds, "a change of \(commits[known]) is unheard at \(now)")
    }
}
