import Testing

@testable import Engine

/// A life that expectations can change.
private final class Trial {
    private var machine: TransactionStateMachine
    init(_ machine: TransactionStateMachine) { self.machine = machine }
    var state: TransactionStateMachine.State { machine.state }
    var waiting: [UInt64] { machine.waiting }
    var expiry: UInt64 { machine.expiry }
    func enter(now: UInt64) -> TransactionStateMachine.Admission { machine.enter(now: now) }
    func look(_ waiter: UInt64, givesUp: Bool) -> TransactionStateMachine.Admission? { machine.look(waiter, givesUp: givesUp) }
    func leave(now: UInt64) -> TransactionStateMachine.Departure { machine.leave(now: now) }
    func finish(_ end: TransactionStateMachine.End) { machine.finish(end) }
    func expire(now: UInt64) -> Bool { machine.expire(now: now) }
    func close() -> Bool { machine.close() }
    func checkInvariants() { machine.checkInvariants() }
}

@Suite("The life of an interactive transaction") struct TransactionStateMachineTests {
    /// Begun at 1 s, with a time limit of 5 s.
    private func fresh() -> Trial { Trial(TransactionStateMachine(begin: 1_000_000_000, timeoutMilliseconds: 5000)) }
    private let early: UInt64 = 2_000_000_000
    private let late: UInt64 = 6_000_000_000

    @Test func `one request at a time, in the order of their coming`() {
        let machine = fresh()
        #expect(machine.enter(now: early) == .granted)
        #expect(machine.enter(now: early) == .wait(1))
        #expect(machine.enter(now: early) == .wait(2))
        #expect(machine.look(2, givesUp: false) == nil)
        #expect(machine.leave(now: early) == .next(1))
        #expect(machine.look(2, givesUp: false) == nil)
        #expect(machine.look(1, givesUp: true) == .granted)
        #expect(machine.enter(now: early) == .wait(3))
        #expect(machine.leave(now: early) == .next(2))
        #expect(machine.leave(now: early) == .next(3))
        #expect(machine.leave(now: early) == .idle)
        #expect(machine.enter(now: early) == .granted)
    }

    @Test func `one that gives up is passed over`() {
        let machine = fresh()
        _ = machine.enter(now: early)
        _ = machine.enter(now: early)
        _ = machine.enter(now: early)
        #expect(machine.look(1, givesUp: true) == nil)
        #expect(machine.waiting == [2])
        #expect(machine.leave(now: early) == .next(2))
        #expect(machine.leave(now: early) == .idle)
    }

    @Test func `it expires at its limit and not before`() {
        let machine = fresh()
        #expect(machine.expiry == late)
        #expect(!machine.expire(now: late - 1))
        #expect(machine.expire(now: late))
        #expect(!machine.expire(now: late))
        #expect(machine.enter(now: late) == .refused(.expired))
    }

    @Test func `the first one who comes too late rolls back, and one alone`() {
        let machine = fresh()
        #expect(machine.enter(now: late) == .expired)
        #expect(machine.enter(now: late) == .refused(.expired))
        #expect(!machine.expire(now: late))
    }

    @Test func `a request that runs is let end, and rolls back then`() {
        let machine = fresh()
        _ = machine.enter(now: early)
        #expect(machine.enter(now: early) == .wait(1))
        #expect(!machine.expire(now: late))
        #expect(machine.enter(now: late) == .refused(.expired))
        #expect(machine.leave(now: late) == .ended(.expired))
        #expect(machine.look(1, givesUp: false) == .refused(.expired))
    }

    @Test(arguments: [TransactionStateMachine.End.committed, .rolledBack])
    func `whoever waits or comes after the end is told which it was`(end: TransactionStateMachine.End) {
        let machine = fresh()
        _ = machine.enter(now: early)
        _ = machine.enter(now: early)
        machine.finish(end)
        #expect(machine.look(1, givesUp: false) == .refused(end))
        #expect(machine.enter(now: late) == .refused(end))
        #expect(machine.leave(now: late) == .ended(end))
        #expect(!machine.expire(now: late) && !machine.close())
    }

    @Test func `closing ends an idle one at once and a busy one when its request is done`() {
        let idle = fresh()
        #expect(idle.close())
        #expect(idle.enter(now: early) == .refused(.closed))
        let busy = fresh()
        _ = busy.enter(now: early)
        _ = busy.enter(now: early)
        #expect(!busy.close())
        #expect(busy.leave(now: early) == .ended(.closed))
        #expect(busy.look(1, givesUp: false) == .refused(.closed))
    }

    @Test func `however it goes, one at most has the turn and one alone ends it`() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<300 {
            let machine = fresh()
            var now = early
            var holder: UInt64?
            var endings = 0
            for _ in 0..<60 {
                switch Int.random(in: 0..<6, using: &random) {
                case 0, 1:
                    switch machine.enter(now: now) {
                    case .granted:
                        #expect(holder == nil)
                        holder = 0
                    case .expired: endings += 1
                    default: break
                    }
                case 2:
                    guard holder != nil else { continue }
                    holder = nil
                    switch machine.leave(now: now) {
                    case .idle: break
                    case .next(let number): holder = number
                    case .ended: endings += 1
                    }
                case 3: if machine.expire(now: now) { endings += 1 }
                case 4: if let waiter = machine.waiting.randomElement(using: &random) { _ = machine.look(waiter, givesUp: true) }
                default: now += 150_000_000
                }
                machine.checkInvariants()
                if case .busy(let number) = machine.state { #expect(holder == number) } else { #expect(holder == nil) }
            }
            if case .ended = machine.state { #expect(endings == 1) } else { #expect(endings == 0) }
        }
    }
}
