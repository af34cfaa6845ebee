import Testing

@testable import Engine

/// A life that expectations can change.
private final class Trial {
    private var life: TransactionLife
    init(_ life: TransactionLife) { self.life = life }
    var state: TransactionLife.State { life.state }
    var waiting: [UInt64] { life.waiting }
    var expiry: UInt64 { life.expiry }
    func enter(now: UInt64) -> TransactionLife.Admission { life.enter(now: now) }
    func look(_ waiter: UInt64, givesUp: Bool) -> TransactionLife.Admission? { life.look(waiter, givesUp: givesUp) }
    func leave(now: UInt64) -> TransactionLife.Departure { life.leave(now: now) }
    func finish(_ end: TransactionLife.End) { life.finish(end) }
    func expire(now: UInt64) -> Bool { life.expire(now: now) }
    func close() -> Bool { life.close() }
}

@Suite("The life of an interactive transaction") struct TransactionLifeTests {
    /// Begun at 1 s, with a time limit of 5 s.
    private func fresh() -> Trial { Trial(TransactionLife(begin: 1_000_000_000, timeoutMilliseconds: 5000)) }
    private let early: UInt64 = 2_000_000_000
    private let late: UInt64 = 6_000_000_000

    @Test func `one request at a time, in the order of their coming`() {
        let life = fresh()
        #expect(life.enter(now: early) == .granted)
        #expect(life.enter(now: early) == .wait(1))
        #expect(life.enter(now: early) == .wait(2))
        #expect(life.look(2, givesUp: false) == nil)
        #expect(life.leave(now: early) == .next(1))
        #expect(life.look(2, givesUp: false) == nil)
        #expect(life.look(1, givesUp: true) == .granted)
        #expect(life.enter(now: early) == .wait(3))
        #expect(life.leave(now: early) == .next(2))
        #expect(life.leave(now: early) == .next(3))
        #expect(life.leave(now: early) == .idle)
        #expect(life.enter(now: early) == .granted)
    }

    @Test func `one that gives up is passed over`() {
        let life = fresh()
        _ = life.enter(now: early)
        _ = life.enter(now: early)
        _ = life.enter(now: early)
        #expect(life.look(1, givesUp: true) == nil)
        #expect(life.waiting == [2])
        #expect(life.leave(now: early) == .next(2))
        #expect(life.leave(now: early) == .idle)
    }

    @Test func `it expires at its limit and not before`() {
        let life = fresh()
        #expect(life.expiry == late)
        #expect(!life.expire(now: late - 1))
        #expect(life.expire(now: late))
        #expect(!life.expire(now: late))
        #expect(life.enter(now: late) == .refused(.expired))
    }

    @Test func `the first one who comes too late rolls back, and one alone`() {
        let life = fresh()
        #expect(life.enter(now: late) == .expired)
        #expect(life.enter(now: late) == .refused(.expired))
        #expect(!life.expire(now: late))
    }

    @Test func `a request that runs is let end, and rolls back then`() {
        let life = fresh()
        _ = life.enter(now: early)
        #expect(life.enter(now: early) == .wait(1))
        #expect(!life.expire(now: late))
        #expect(life.enter(now: late) == .refused(.expired))
        #expect(life.leave(now: late) == .ended(.expired))
        #expect(life.look(1, givesUp: false) == .refused(.expired))
    }

    @Test(arguments: [TransactionLife.End.committed, .rolledBack])
    func `whoever waits or comes after the end is told which it was`(end: TransactionLife.End) {
        let life = fresh()
        _ = life.enter(now: early)
        _ = life.enter(now: early)
        life.finish(end)
        #expect(life.look(1, givesUp: false) == .refused(end))
        #expect(life.enter(now: late) == .refused(end))
        #expect(life.leave(now: late) == .ended(end))
        #expect(!life.expire(now: late) && !life.close())
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
            let life = fresh()
            var now = early
            var holder: UInt64?
            var endings = 0
            for _ in 0..<60 {
                switch Int.random(in: 0..<6, using: &random) {
                case 0, 1:
                    switch life.enter(now: now) {
                    case .granted:
                        #expect(holder == nil)
                        holder = 0
                    case .expired: endings += 1
                    default: break
                    }
                case 2:
                    guard holder != nil else { continue }
                    holder = nil
                    switch life.leave(now: now) {
                    case .idle: break
                    case .next(let number): holder = number
                    case .ended: endings += 1
                    }
                case 3: if life.expire(now: now) { endings += 1 }
                case 4: if let waiter = life.waiting.randomElement(using: &random) { _ = life.look(waiter, givesUp: true) }
                default: now += 150_000_000
                }
                if case .busy(let number) = life.state { #expect(holder == number) } else { #expect(holder == nil) }
            }
            if case .ended = life.state { #expect(endings == 1) } else { #expect(endings == 0) }
        }
    }
}
