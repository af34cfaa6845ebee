package import Concurrency

/// A second tier as the read path sees it: the interface of an engine. `RedisTier` is one.
package protocol TierStore: AnyObject, Sendable {
    /// Connects and identifies the server. May wait for a name server.
    func connect(until deadline: Deadline) throws(TierFault) -> any TierSession
    /// Connects in order to receive other processes' invalidations.
    func subscribe(until deadline: Deadline) throws(TierFault) -> any TierSubscription
    /// Whether another server may take the place of the one that is connected, without an end of its connections.
    var canMove: Bool { get }
    /// Returns true if another server is known to have taken that place: then all connections have to end. One thread calls it, again and again.
    func hasMoved(until deadline: Deadline) -> Bool
    /// Makes a wait of `hasMoved` end, and those to come. Any thread may call it.
    func interruptMoves()
}

extension TierStore {
    package var canMove: Bool { false }
    package func hasMoved(until deadline: Deadline) -> Bool { false }
    package func interruptMoves() {}
}

/// One connection to a tier. It is used by one thread at a time, and can only be closed after a fault.
package protocol TierSession: AnyObject, Sendable {
    /// Identifies the server and its run. What was stored in another epoch is not found.
    ///
    /// So a stale replica, a restart and a clock that was set back end everything that was stored earlier.
    var epoch: ServerEpoch { get }
    /// Identifies the server and its run, whether it is the primary or not.
    var server: UInt64 { get }
    /// Returns the entry, the versions of all its tags, and the lease if it is wanted, in one round trip.
    func fetch(_ request: FetchRequest, until deadline: Deadline) throws(TierFault) -> FetchResult
    /// Stores an answer if its versions are still those from before its query, and ends the lease. Returns true if it was stored.
    func store(_ entry: TierEntry, _ lease: TierLease, lifeMilliseconds: Int, until deadline: Deadline) throws(TierFault) -> Bool
    /// Ends a lease without an answer.
    func release(_ lease: TierLease, until deadline: Deadline) throws(TierFault)
    /// Invalidates everything with one of the tags. Both happen at one moment: it is done when this returns, and
    /// subscribers are being notified.
    func invalidate(_ change: TierChange, from origin: UInt64, until deadline: Deadline) throws(TierFault)
    /// The version of everything, and those of tags; nil for each that there is not.
    func readVersions(of tags: [UInt64], until deadline: Deadline) throws(TierFault) -> [[UInt8]?]
    /// Notifies subscribers, and changes nothing.
    func publish(_ notice: TierNotice, until deadline: Deadline) throws(TierFault)
    /// Returns the tier's clock and the present epoch.
    func readClock(until deadline: Deadline) throws(TierFault) -> ClockReading
    /// Makes another thread's wait end with a fault. Must not run at the same time as `close`.
    func interrupt()
    func close()
}

/// A connection that receives other processes' invalidations. Used by one thread.
package protocol TierSubscription: AnyObject, Sendable {
    /// That of a session with the same server.
    var server: UInt64 { get }
    /// Returns the next notice. Nil if none came by the deadline. Throws if nothing came twice in a row, not even the reply to a PING.
    func next(until deadline: Deadline) throws(TierFault) -> TierNotice?
    /// Makes another thread's wait end with a fault. Must not run at the same time as `close`.
    func interrupt()
    func close()
}

package struct TierNotice: Sendable, Equatable {
    package var origin: UInt64
    package var change: TierChange

    package init(origin: UInt64, change: TierChange) {
        self.origin = origin
        self.change = change
    }
}

/// What an invalidation names.
package enum TierChange: Sendable, Equatable {
    case everything
    /// Hashes of tags.
    case tags([UInt64])
}

/// A random-looking number. It is equal for the same run of the same server as primary.
package struct ServerEpoch: Hashable, Sendable {
    package let number: UInt64
    package init(_ number: UInt64) { self.number = number }
}

package struct ClockReading: Sendable {
    /// Microseconds of the tier's clock.
    package var microseconds: Int64
    package var epoch: ServerEpoch

    package init(microseconds: Int64, epoch: ServerEpoch) {
        self.microseconds = microseconds
        self.epoch = epoch
    }
}

package struct FetchRequest: Sendable {
    package enum Purpose: Sendable {
        /// An old answer is good enough while its window lasts. The lease is wanted if there is none.
        case read
        /// A stale answer has to be refreshed. The lease is wanted for that.
        case refresh
    }

    /// 32 bytes that are equal for equivalent requests.
    package var name: [UInt8]
    /// Hashes of tags, without duplicates.
    package var tags: [UInt64]
    package var purpose: Purpose
    /// In microseconds of the tier's clock: an answer that was read then or later is fresh.
    package var freshSince: Int64
    /// An answer that was read earlier is useless.
    package var usefulSince: Int64
    package var leaseMilliseconds: Int

    package init(name: [UInt8], tags: [UInt64], purpose: Purpose, freshSince: Int64, usefulSince: Int64, leaseMilliseconds: Int) {
        self.name = name
        self.tags = tags
        self.purpose = purpose
        self.freshSince = freshSince
        self.usefulSince = usefulSince
        self.leaseMilliseconds = leaseMilliseconds
    }
}

package struct FetchResult {
    /// A valid and useful entry.
    package var entry: TierEntry?
    package var isFresh = false
    /// Set if the caller has to ask the database.
    package var lease: TierLease?
    /// True if the tier has no room for an answer or a lease, or if the answer is larger than this process accepts.
    package var isFull = false

    package init(entry: TierEntry? = nil, isFresh: Bool = false, lease: TierLease? = nil, isFull: Bool = false) {
        self.entry = entry
        self.isFresh = isFresh
        self.lease = lease
        self.isFull = isFull
    }
}

/// The duty to read an answer for all processes, with the versions of the tags from before its query.
package struct TierLease: Sendable {
    package let name: [UInt8]
    package let tags: [UInt64]
    /// Read before the query begins.
    package let versions: TagVersions
    package let epoch: ServerEpoch
    /// 16 random bytes.
    package let token: [UInt8]

    package init(name: [UInt8], tags: [UInt64], versions: TagVersions, epoch: ServerEpoch, token: [UInt8]) {
        self.name = name
        self.tags = tags
        self.versions = versions
        self.epoch = epoch
        self.token = token
    }
}

/// Why a tier gave no answer.
package enum TierFault: Error, Equatable {
    /// No reply came in time.
    case timedOut
    /// The connection failed, or the server is not usable. The words hold no secrets.
    case failed(String)
    /// The server refuses the user or a command: a mistake in the configuration.
    case refused(String)
    /// The server cannot store anything now. Its contents are still valid.
    case readOnly
}
