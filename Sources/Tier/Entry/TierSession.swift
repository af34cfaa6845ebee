package import Concurrency

/// A second tier, as the walk sees it: what another engine has to give. `RedisTier` is one.
package protocol TierStore: AnyObject, Sendable {
    /// Connects, and learns which server that is. May wait for a name server.
    func connect(until deadline: Deadline) throws(TierFault) -> any TierSession
    /// Connects for hearing what others invalidate.
    func subscribe(until deadline: Deadline) throws(TierFault) -> any TierSubscription
}

/// One connection to a tier, used by one thread at a time. After a fault it can only be closed.
package protocol TierSession: AnyObject, Sendable {
    /// Which life of which server this is. What was stored in another one is not found, so a replica that was behind, a restart and a
    /// clock that was set back end all that was stored before.
    var epoch: ServerEpoch { get }
    /// The entry, the versions of all its tags, and the lease if it is wanted: in one round trip.
    func fetch(_ request: FetchRequest, until deadline: Deadline) throws(TierFault) -> FetchResult
    /// Keeps an answer if its versions still are what they were when its query began, and ends the lease. Whether it is kept.
    func store(_ entry: TierEntry, _ lease: TierLease, lifeMilliseconds: Int, until deadline: Deadline) throws(TierFault) -> Bool
    /// Ends a lease without an answer.
    func release(_ lease: TierLease, until deadline: Deadline) throws(TierFault)
    /// Everything that has one of the tags is gone when it returns, and subscribers are being notified.
    func invalidate(_ change: TierChange, from origin: UInt64, until deadline: Deadline) throws(TierFault)
    /// The tier's clock, and the epoch as it is now.
    func readClock(until deadline: Deadline) throws(TierFault) -> ClockReading
    /// Makes a wait of another thread end with a fault. Not at the same time as `close`.
    func interrupt()
    func close()
}

/// A connection on which other processes' invalidations come in. Used by one thread.
package protocol TierSubscription: AnyObject, Sendable {
    /// What comes next; nil when nothing came by the deadline. Throws when nothing came twice in a row, not even the answer to a question.
    func next(until deadline: Deadline) throws(TierFault) -> TierNotice?
    /// Makes a wait of another thread end with a fault. Not at the same time as `close`.
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

/// A random-looking number; equal for the same run of the same server as primary.
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
        /// An old answer is good enough while its window lasts; the lease is wanted where there is none.
        case read
        /// A stale answer is to be read again: the lease is wanted for it.
        case refresh
    }

    /// 32 bytes that are equal for requests that ask for the same.
    package var name: [UInt8]
    /// Hashes of tags, each once.
    package var tags: [UInt64]
    package var purpose: Purpose
    /// An answer that was read at this moment or later is fresh: microseconds of the tier's clock.
    package var freshSince: Int64
    /// One that was read before this moment is of no use.
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
    /// One that is valid and of use.
    package var entry: TierEntry?
    package var isFresh = false
    /// Set where the caller is the one who asks the database.
    package var lease: TierLease?
    /// The tier has no room, neither for an answer nor for a lease; or the answer is larger than this process takes.
    package var isFull = false

    package init(entry: TierEntry? = nil, isFresh: Bool = false, lease: TierLease? = nil, isFull: Bool = false) {
        self.entry = entry
        self.isFresh = isFresh
        self.lease = lease
        self.isFull = isFull
    }
}

/// The duty to read an answer for all processes, with what the tags were before its query.
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

/// Why a tier gave nothing.
package enum TierFault: Error, Equatable {
    /// Nothing came in time.
    case timedOut
    /// The connection failed, or the server is none that this works with; in words without secrets.
    case failed(String)
    /// The server refuses who we are or what we ask: a mistake of the configuration.
    case refused(String)
    /// The server cannot store anything now. What it has is still right.
    case readOnly
}
