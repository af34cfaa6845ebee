import Cache
import Text

/// Where the leader of a flight gets the answer: the database, or a second tier before it.
///
/// Called once a flight on the leader's thread. It is behind the cache's lookups and not on the path of a hit.
protocol AnswerSource {
    /// Returns the answer for the cache. Throws the failure for the waiting requests.
    func answer(_ bound: borrowing BoundPlan, _ context: borrowing RequestContext, _ wish: AnswerWish) throws(Failure) -> SourcedAnswer
}

/// What the cache wants an answer for.
struct AnswerWish {
    let leader: Cache.FlightLeader
    let strategy: Cache.Strategy
}

/// An answer and its source.
enum SourcedAnswer {
    case database(Cache.Answer)
    /// Another process read it that many nanoseconds ago.
    case tier(Cache.Answer, age: UInt64)
}

extension Cache.FlightLeader {
    /// Gets the answer for all waiting callers, and ends the flight in every case.
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
