import Cache
import Concurrency
import Postgres

extension Submissions {
    /// Cancels the requests with that token. Returns true if there was one.
    ///
    /// A request that waits for a thread or a flight is done when this returns. A running one is cancelled, on the server as well, and is done
    /// soon, possibly with its answer. A query that others wait for goes on for them. Requests with other tokens cost nothing.
    func cancel(_ token: UInt64) -> Bool {
        let cancelled = change { state in
            let cancelled = state.cancel(token)
            for (number, phase) in cancelled {
                if case .running = phase { continue }
                _ = state.remove(number)
                add(Completion(token: token, reply: .failed(phase.cancellation)), to: &state)
            }
            return cancelled
        }
        // Why parked ones first: leaving a flight wakes no one, but ending a leader may.
        for (number, phase) in cancelled { if case .parked(let follower, _) = phase { follower.flight.leave(number) } }
        for (number, phase) in cancelled {
            guard case .running(let running) = phase else { continue }
            if let lead = running.lead, !lead.detachIfUnshared() {
                complete(number, .failed(.cancelled))
            } else {
                running.cancellation.cancel()
            }
        }
        return !cancelled.isEmpty
    }

    /// A running request leads a flight from now on. Returns false if it has been cancelled.
    func lead(_ number: UInt64, _ lead: Cache.FlightLeader) -> Bool { change { $0.lead(number, lead) } }
}
