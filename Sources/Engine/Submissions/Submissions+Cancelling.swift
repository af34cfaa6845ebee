import Cache
import Locking
import Postgres

extension Submissions {
    /// Ends the requests of that token. What waits, for a thread or for a flight, is done when this returns. What runs is stopped, on
    /// the server too, and is done soon, with its answer if it was there already. Whether there is one.
    ///
    /// Costs nothing for requests of other tokens. A query that others wait for goes on for them; only this request leaves.
    func cancel(_ token: UInt64) -> Bool {
        let (isKnown, followers, running) = state.withLock { state in
            let numbers = state.numbers[token] ?? []
            var followers: [(UInt64, Follower)] = []
            var running: [(UInt64, Stop, Cache.FlightLeader?)] = []
            for number in numbers {
                if let one = state.followers[number] {
                    followers.append((number, one))
                } else if let request = state.outstanding[number], let stop = request.stop {
                    state.outstanding[number]?.isCancelled = true
                    running.append((number, stop, request.lead))
                    continue
                }
                state.remove(number)
                push(Completion(token: token, reply: .failed(.cancelled)), to: &state)
            }
            return (!numbers.isEmpty, followers, running)
        }
        for (number, one) in followers { one.flight.leave(number) }
        for (number, stop, lead) in running {
            if let lead, !lead.detachIfUnshared() { complete(number, .failed(.cancelled)) } else { stop.raise() }
        }
        return isKnown
    }

    /// A running request leads a flight from now on. False when it has been cancelled.
    func lead(_ number: UInt64, _ lead: Cache.FlightLeader) -> Bool {
        state.withLock { state in
            state.outstanding[number]?.lead = lead
            return state.outstanding[number]?.isCancelled == false
        }
    }
}
