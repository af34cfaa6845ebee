import Cache
import Text

/// Where the leader of a flight gets the answer from: the database, or what stands before it. One call a flight, on the leader's thread.
///
/// Behind the cache's lookups, so nothing of it is on the way of a hit. Followers of the flight wait for it without knowing which it is.
protocol AnswerSource {
    /// The answer for the cache. Throws what the requests that wait are told.
    func answer(_ bound: borrowing BoundPlan, _ context: borrowing RequestContext) throws(Failure) -> Cache.Answer
}

extension Cache.FlightLeader {
    /// Gets the answer for everybody who waits, and ends the flight either way.
    func answer(from source: some AnswerSource, _ bound: borrowing BoundPlan, _ context: borrowing RequestContext, _ clock: Clock) throws(Failure) -> Pin {
        do {
            let answer = try source.answer(bound, context)
            return complete(answer, now: clock.now).pin
        } catch {
            fail(error, now: clock.now)
            throw error
        }
    }
}
