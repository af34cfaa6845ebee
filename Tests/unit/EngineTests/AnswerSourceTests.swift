import Concurrency
import Foundation
import Query
import SQL
import Schema
import Testing
import Text

@testable import Cache
@testable import Engine

/// The leader of a flight with another source than the database.
@Suite struct AnswerSourceTests {
    /// Answers without a database, and says what it was asked.
    private final class FakeSource: AnswerSource {
        private let text: String
        private let failure: Failure?
        /// Nanoseconds, of an answer from a tier.
        private let age: UInt64?
        let asked = Lock<[RequestContext]>([])

        init(text: String = "[]", failure: Failure? = nil, age: UInt64? = nil) {
            self.text = text
            self.age = age
            self.failure = failure
        }

        func answer(_ bound: borrowing BoundPlan, _ context: borrowing RequestContext, _ wish: AnswerWish) throws(Failure) -> SourcedAnswer {
            let context = copy context
            asked.withLock { $0.append(context) }
            if let failure { throw failure }
            var buffer = ByteBuffer(capacity: 64)
            buffer.append(text)
            let (bytes, size) = buffer.take(isFitted: false)
            guard let answer = Cache.Answer(bytes: bytes, size: size, lastModified: 7, signature: bound.signature) else {
                throw .leaderGone
            }
            return age.map { .tier(answer, age: $0) } ?? .database(answer)
        }
    }

    private let cache = AnswerSourceTests.tieredCache()
    private let strategy = Cache.Strategy(ttl: 60, swr: 60)
    private static let second: UInt64 = 1_000_000_000

    private static func tieredCache() -> Cache {
        var configuration = Cache.Configuration(maxBytes: 1 << 20, seed: 1)
        configuration.isTiered = true
        return Cache(configuration)
    }

    private let clock = Clock(isManual: false)

    private func bind() throws -> BoundPlan {
        let schema = try Schema.parse("datasource db { provider = \"postgresql\" }\nmodel User { id Int @id }")
        let text = Array("{\"model\": \"User\", \"operation\": \"findMany\"}".utf8)
        var bound: BoundPlan?
        try text.withUnsafeBytes { text in
            let document = try JSONDocument(scanning: text)
            bound = try PlanCache(schema: schema, settings: SQLSettings()).bind(try Envelope.decode(document), document)
        }
        guard let result = bound.take() else { throw Failure.leaderGone }
        return result
    }

    private func lookup(_ bound: borrowing BoundPlan, salt: [UInt8] = []) -> Cache.Outcome {
        let now = clock.now
        let outcome = try? bound.withKey(salt: salt) { (key) throws(Failure) in
            cache.lookup(
                Cache.Read(key: key, text: UnsafeRawBufferPointer(start: nil, count: 0), strategy: strategy), now: now)
        }
        guard let outcome else { fatalError("a key has no failure") }
        return outcome
    }

    @Test func `the leader, who waits for it and the cache have the answer of any source`() throws {
        let bound = try bind()
        let source = FakeSource(text: "[{\"id\":1}]")
        guard case .lead(let leader) = lookup(bound), case .join(let flight) = lookup(bound) else {
            Issue.record("the first one leads, the second one joins")
            return
        }
        let context = RequestContext(.thread, until: .after(milliseconds: 1_000), Trace(), cancellation: nil)
        let pin = try leader.answer(from: source, bound, context, strategy, clock).pin
        #expect(String(decoding: pin.data, as: UTF8.self) == "[{\"id\":1}]" && pin.lastModified == 7)
        pin.release()
        guard case .answer(let hit) = flight.wait(until: 0) else {
            Issue.record("the flight has ended")
            return
        }
        hit.pin.release()
        guard case .hit(let kept) = lookup(bound) else {
            Issue.record("it is kept")
            return
        }
        kept.pin.release()
        #expect(source.asked.withLock { $0.count } == 1 && source.asked.withLock { $0[0].deadline } == context.deadline)
    }

    @Test func `a source that fails ends the flight with its failure`() throws {
        let bound = try bind()
        let source = FakeSource(failure: .queueIsFull)
        guard case .lead(let leader) = lookup(bound), case .join(let flight) = lookup(bound) else {
            Issue.record("the first one leads, the second one joins")
            return
        }
        #expect(throws: Failure.self) {
            try leader.answer(from: source, bound, RequestContext(.thread, until: .now, Trace(), cancellation: nil), strategy, clock).pin.release()
        }
        guard case .failure(let error) = flight.wait(until: 0) else {
            Issue.record("the flight has failed")
            return
        }
        #expect((error as? Failure)?.status == Failure.queueIsFull.status)
    }

    @Test func `a salt keeps answers apart that are asked for in different contexts`() throws {
        let bound = try bind()
        let source = FakeSource()
        for salt in [[], [1], [2]] as [[UInt8]] {
            guard case .lead(let leader) = lookup(bound, salt: salt) else {
                Issue.record("each context has an answer of its own")
                return
            }
            try leader.answer(from: source, bound, RequestContext(.thread, until: .never, Trace(), cancellation: nil, keySalt: salt), strategy, clock).pin
                .release()
        }
        #expect(source.asked.withLock { $0.map(\.keySalt) } == [[], [1], [2]])
    }

    @Test(arguments: [(59, .fresh), (61, .stale)] as [(UInt64, Cache.Status)]) func `an answer from a tier is as old as it is, and who waits looks again`(
        _ seconds: UInt64, _ status: Cache.Status
    ) throws {
        let bound = try bind()
        guard case .lead(let leader) = lookup(bound), case .join(let flight) = lookup(bound) else {
            Issue.record("the first one leads, the second one joins")
            return
        }
        let source = FakeSource(age: seconds * AnswerSourceTests.second)
        let hit = try leader.answer(from: source, bound, RequestContext(.thread, until: .never, Trace(), cancellation: nil), strategy, clock)
        #expect(hit.status == status && hit.mustRefresh == (status == .stale))
        hit.pin.release()
        guard case .failure(let error) = flight.wait(until: 0), error is Cache.LookAgain else {
            Issue.record("the flight has ended without an answer of its own")
            return
        }
        guard case .hit(let kept) = lookup(bound) else {
            Issue.record("it is kept")
            return
        }
        #expect(kept.status == status)
        kept.pin.release()
    }
}
