import Concurrency
import Testing

@testable import Cache
@testable import Engine
@testable import Postgres

/// The state machine of submitted requests, driven at random beside a model that knows only what a caller may see.
@Suite struct SubmissionStateTests {
    private enum Known { case queued, running, parked }

    private func follower(_ deadline: UInt64) -> Submissions.Follower {
        Submissions.Follower(flight: Cache.Flight(), deadline: deadline) { _ in }
    }

    @Test(arguments: 0..<20) func `each request is done once, whatever happens to it`(seed: UInt64) {
        var random = RandomNumbers(seed: seed)
        var state = Submissions.State(firstNumber: seed << 40)
        var known: [UInt64: (token: UInt64, phase: Known)] = [:]
        var (added, done) = (0, 0)
        var now: UInt64 = 1_000
        for _ in 0..<2_000 {
            let number = known.keys.sorted().randomElement(using: &random) ?? 0
            switch Int.random(in: 0..<9, using: &random) {
            case 0, 1:
                let token = UInt64.random(in: 0..<5, using: &random)
                let latest = Deadline(nanoseconds: Int64(now) + .random(in: 1..<300, using: &random))
                let request = state.add([], token: token, since: .now, latest).request
                #expect(known[request.number] == nil)
                known[request.number] = (token, .queued)
                added += 1
            case 2:
                let hasBegun = state.begin(number, CancellationToken())
                #expect(hasBegun == (known[number]?.phase == .queued))
                if known[number]?.phase == .queued { known[number]?.phase = .running }
            case 3:
                let isParked = state.park(number, follower(now + .random(in: 1..<300, using: &random))) != nil
                #expect(!isParked || known[number]?.phase == .running)
                if isParked { known[number]?.phase = .parked }
            case 4:
                let isResumed = state.resume(number) != nil
                #expect(isResumed == (known[number]?.phase == .parked))
                if known[number]?.phase == .parked { known[number]?.phase = .queued }
            case 5:
                let one = state.remove(number)
                #expect(one?.token == known[number]?.token)
                if known.removeValue(forKey: number) != nil { done += 1 }
                let again = state.remove(number)?.token
                #expect(again == nil)
            case 6:
                let again = state.queueAgain(number, .afterMove, until: Deadline(nanoseconds: Int64(now) + .random(in: 1..<300, using: &random)))
                #expect(again == nil || known[number]?.phase == .running)
                if again != nil { known[number]?.phase = .queued }
            case 7:
                now += .random(in: 0..<100, using: &random)
                let (parked, queued, next) = state.expire(now: now)
                #expect(next > now)
                for (number, _) in parked {
                    #expect(known[number]?.phase == .parked)
                    known[number]?.phase = .running
                }
                for request in queued {
                    #expect(known[request.number]?.phase == .queued)
                    _ = state.remove(request.number)
                    known[request.number] = nil
                    done += 1
                }
            default:
                let token = UInt64.random(in: 0..<5, using: &random)
                let cancelled = state.cancel(token)
                #expect(Set(cancelled.map(\.number)) == Set(known.filter { $0.value.token == token }.keys))
                for (number, phase) in cancelled {
                    if case .running = phase { continue }
                    _ = state.remove(number)
                    known[number] = nil
                    done += 1
                }
            }
            state.checkInvariants()
            #expect(state.outstanding.count == known.count && added == known.count + done)
        }
        let parked = known.filter { $0.value.phase == .parked }.count
        let left = state.removeAll().followers.count
        #expect(left == parked && state.isClosed && state.outstanding.isEmpty)
    }

    @Test func `a read that was held up has its turn by the time that is left to it`() {
        var state = Submissions.State(firstNumber: 0)
        let number = state.add([], token: 7, since: .now, Deadline(nanoseconds: 100)).request.number
        let hasBegun = state.begin(number, CancellationToken())
        #expect(hasBegun)
        let far = Deadline.after(milliseconds: 60_000)
        let again = state.queueAgain(number, .afterMove, until: far)?.request
        #expect(again?.attempt == .afterMove)
        // The moment of the first turn has passed.
        #expect(state.expire(now: 200).queued.isEmpty)
        #expect(state.expire(now: UInt64(far.nanoseconds)).queued.map(\.number) == [number])
    }

    @Test func `a request that is looked up again was counted before`() {
        var state = Submissions.State(firstNumber: 0)
        let requests = (0..<2).map { state.add([], token: $0, since: .now, .never).request }
        for request in requests { _ = state.begin(request.number, CancellationToken()) }
        #expect(!requests[0].isCounted && !requests[1].isCounted)
        #expect(state.queueAgain(requests[0].number, .afterMove, until: .never)?.request.isCounted == true)
        _ = state.park(requests[1].number, follower(.max))
        #expect(state.resume(requests[1].number)?.isCounted == true)
    }

    @Test func `a cancelled read is not sent again`() {
        var state = Submissions.State(firstNumber: 0)
        let number = state.add([], token: 7, since: .now, .never).request.number
        _ = state.begin(number, CancellationToken())
        _ = state.cancel(7)
        #expect(state.queueAgain(number, .afterLoss, until: .never) == nil)
    }

    @Test func `a cancelled request follows no flight`() {
        var state = Submissions.State(firstNumber: 0)
        let number = state.add([], token: 7, since: .now, .never).request.number
        _ = state.begin(number, CancellationToken())
        _ = state.cancel(7)
        #expect(state.park(number, follower(.max)) == nil)
        // Its caller ends it.
        #expect(state.remove(number) != nil)
    }

    @Test func `a cancelled request does not lead a flight`() {
        var state = Submissions.State(firstNumber: 0)
        let number = state.add([], token: 7, since: .now, .never).request.number
        let hasBegun = state.begin(number, CancellationToken())
        #expect(hasBegun)
        let cache = Cache(Cache.Configuration(maxBytes: 1 << 20, seed: 1))
        let text = Array("q".utf8)
        let outcome = text.withUnsafeBytes { cache.lookup(Cache.Read(key: $0, text: $0, strategy: Cache.Strategy(ttl: 1)), now: 0) }
        guard case .lead(let lead) = outcome else { return #expect(Bool(false), "the first one leads") }
        var mayLead = [state.lead(number, lead)]
        _ = state.cancel(7)
        mayLead += [state.lead(number, lead), state.lead(number + 1, lead)]
        #expect(mayLead == [true, false, false], "nor does one that is not known")
    }
}

/// A generator whose numbers a seed decides.
private struct RandomNumbers: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }
    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state &* 0x2545_F491_4F6C_DD1D
    }
}
