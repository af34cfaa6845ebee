import Cache
import Text

/// Where the leader of a flight gets the answer from: the database, or what stands before it. One call a flight, on the leader's thread.
///
/// Behind the cache's lookups, so nothing of it is on the way of a hit.
protocol AnswerSource {
    /// The answer for the cache. Throws what the requests that wait are told.
    func answer(_ bound: borrowing BoundPlan, _ context: borrowing RequestContext, _ wish: AnswerWish) throws(Failure) -> SourcedAnswer
}

/// What the cache wants an answer for.
struct AnswerWish {
    let leader: Cache.FlightLeader
    let strategy: Cache.Strategy
}

/// An answer, and where it comes from.
enum SourcedAnswer {
    case database(Cache.Answer)
    /// Read so many nanoseconds ago, by another process.
    case tier(Cache.Answer, age: UInt64)
}

extension Cache.FlightLeader {
    /// Gets the answer for everybody who waits, and ends the flight either way.
    func answer(
        from source: some AnswerSource, _ bound: borrowing BoundPlan, _ context: borrowing RequestContext, _ strategy: Cache.Strategy, _ clock: Clock
    ) throws(Failure) -> Cache.Hit {
        do {
            switch try source.answer(bound, context, AnswerWish(leader: self, strategy: strategy)) {
            case .database(let answer): return complete(answer, now: clock.now)
            case .tier(let answer, let age): return complete(answer, age: age, now: clock.now, claimsRefresh: context.wantsRefreshes)
            }
        } catch {
            fail(error, now: clock.now)
            throw error
        }
    }
}
