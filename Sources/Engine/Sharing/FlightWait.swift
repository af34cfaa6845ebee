import Cache
import Concurrency
import Postgres
import Text

/// A thread's wait for a query that another client of the same `cache.name` may run. Closing this client ends the wait.
final class FlightWait: Sendable {
    struct State: Sendable {
        var arrival: Cache.Flight.Arrival?
        /// True if the thread has gone.
        var isOver = false
    }

    private let state = Lock(State())
    private let eventCount = EventCount()

    /// Returns the end of the flight. Returns a cancellation if the request is cancelled first.
    static func end(
        of flight: Cache.Flight, _ number: UInt64, until deadline: Deadline, cancellation: CancellationToken?
    ) -> Cache.Flight.Arrival {
        let wait = FlightWait()
        flight.addFollower(number) { wait.tell($0) }
        while true {
            let seen = wait.eventCount.count
            if let arrival = wait.state.withLock({ $0.arrival }) { return arrival }
            let isLate = Deadline.now >= deadline
            if !isLate, wait.eventCount.wait(after: seen, until: deadline, cancellation: cancellation) { continue }
            flight.leave(number)
            return wait.giveUp() ?? (isLate ? .timedOut : .failure(Failure.cancelled))
        }
    }

    private func tell(_ arrival: Cache.Flight.Arrival) {
        let isOver = state.withLock { state in
            if !state.isOver { state.arrival = arrival }
            return state.isOver
        }
        // Why: an answer comes with a reference of its own.
        if isOver, case .answer(let hit) = arrival { hit.pin.release() }
        eventCount.signal()
    }

    /// Ends the wait. Returns the arrival if it has come nevertheless.
    private func giveUp() -> Cache.Flight.Arrival? {
        state.withLock { state in
            state.isOver = true
            return state.arrival
        }
    }
}
