import Cache
import Locking

extension Submissions {
    /// A request that follows a flight and occupies no thread. It ends with the flight, at its deadline or when it is cancelled,
    /// whichever comes first.
    struct Parked: Sendable {
        let flight: Cache.Flight
        /// In nanoseconds of CLOCK_MONOTONIC.
        let deadline: UInt64
        /// Completes the request.
        let tell: @Sendable (Cache.Flight.Arrival) -> Void
    }

    /// How late `expire` may come, so that it need not look at all parked requests for each of them.
    private static let tolerance: UInt64 = 10_000_000

    /// Lets a running request wait for a flight; `reply` turns the flight's end into its reply.
    ///
    /// Why: followers on threads would keep all other requests from running, while connections are free.
    func park(
        _ number: UInt64, on flight: Cache.Flight, until deadline: UInt64,
        _ reply: @escaping @Sendable (Cache.Flight.Arrival) -> Reply
    ) {
        let parked = Parked(flight: flight, deadline: deadline) { [unowned self] in complete(number, reply($0)) }
        let isSoonest = state.withLock { state in
            guard state.outstanding[number] != nil else { return false }
            state.parked[number] = parked
            guard deadline < state.nextExpiry else { return false }
            state.nextExpiry = deadline
            return true
        }
        if isSoonest { wake.value?() }
        // Last, for it may tell at once.
        flight.follow(number, parked.tell)
    }

    /// Ends the parked requests whose time is up. When it wants to be called again.
    func expire(now: UInt64) -> UInt64 {
        let (late, next) = state.withLock { state in
            guard now >= state.nextExpiry else { return ([(key: UInt64, value: Parked)](), state.nextExpiry) }
            let late = state.parked.filter { $0.value.deadline <= now }
            for number in late.keys { state.parked[number] = nil }
            let soonest = state.parked.values.lazy.map(\.deadline).min() ?? .max
            state.nextExpiry = soonest == .max ? .max : max(soonest, now &+ Submissions.tolerance)
            return (Array(late), state.nextExpiry)
        }
        for (number, parked) in late {
            parked.flight.leave(number)
            parked.tell(.timedOut)
        }
        return next
    }
}
