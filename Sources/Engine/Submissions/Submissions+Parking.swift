import Cache
import Concurrency

extension Submissions {
    /// A request that follows a flight and occupies no thread. It ends with the flight, at its deadline or when it is cancelled,
    /// whichever comes first.
    struct Follower: Sendable {
        let flight: Cache.Flight
        /// In nanoseconds of CLOCK_MONOTONIC.
        let deadline: UInt64
        /// Completes the request.
        let tell: @Sendable (Cache.Flight.Arrival) -> Void
    }

    /// Lets a running request wait for a flight. `reply` turns the flight's end into its reply, or returns nil if the request goes on.
    ///
    /// Why: followers on threads would keep other requests from running while connections are free.
    func park(
        _ number: UInt64, on flight: Cache.Flight, until deadline: UInt64,
        _ reply: @escaping @Sendable (Cache.Flight.Arrival) -> Reply?
    ) {
        // Why not unowned: the flight may belong to another client, and may end just when this one has been closed.
        let follower = Follower(flight: flight, deadline: deadline) { [self] in if let reply = reply($0) { complete(number, reply) } }
        guard let isSoonest = change({ $0.park(number, follower) }) else {
            flight.leave(number)
            return complete(number, .failed(.cancelled))
        }
        if isSoonest { wake.value?() }
        // Why last: it may call at once.
        flight.addFollower(number, follower.tell)
    }

    /// Ends the requests whose deadline passes while they wait without a thread: for a flight, or for their turn.
    ///
    /// Returns when it has to be called again.
    func expire(now: UInt64) -> UInt64 {
        let (parked, queued, next) = change { $0.expire(now: now) }
        for (number, follower) in parked {
            follower.flight.leave(number)
            follower.tell(.timedOut)
        }
        guard let onExpired = onExpired.value else { return next }
        for request in queued { complete(request.number, onExpired(request)) }
        return next
    }
}
