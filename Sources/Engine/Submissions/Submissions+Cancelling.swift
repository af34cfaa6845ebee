import Cache
import Concurrency
import Postgres

extension Submissions {
    /// Cancels the requests of that token. Returns whether there was one.
    ///
    /// What waits, for a thread or for a flight, is done when this returns. What runs is cancelled, on the server too, and is done soon, with
    /// its answer if it was there already. Costs nothing for requests of other tokens. A query that others wait for goes on for them; only
    /// this request leaves.
    func cancel(_ token: UInt64) -> Bool {
        let cancelled = change { state in
            let cancelled = state.cancel(token)
            for (number, phase) in cancelled {
                if case .running = phase { continue }
                _ = state.remove(number)
                add(Completion(token: token, reply: .failed(.cancelled)), to: &state)
            }
            return cancelled
        }
        // Why parked ones first: to leave a flight wakes no one, to end a leader may.
        for (number, phase) in cancelled { if case .parked(let follower, _) = phase { follower.flight.leave(number) } }
        for (number, phase) in cancelled {
            guard case .running(let running) = phase else { continue }
            if let lead = running.lead, !lead.detachIfUnshared() {
                complete(number, .failed(.cancelled))
            } else {
                running.cancellationToken.cancel()
            }
        }
        return !cancelled.isEmpty
    }

    /// A running request leads a flight from now on. False when it has been cancelled.
    func lead(_ number: UInt64, _ lead: Cache.FlightLeader) -> Bool { change { $0.lead(number, lead) } }
}
