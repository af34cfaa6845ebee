import CLinux
import Synchronization

/// The state that the cache's lock guards: indexes, flights, accounts. Each method is one short critical section.
struct Store: ~Copyable, @unchecked Sendable {
    // Sendable because the mutex that holds it admits one thread at a time.
    private let place = PassedByReference()
    let chunks = Arena.table
    var texts: BlockIndex<TextIndex>
    var keys: BlockIndex<KeyIndex>
    let invalidations: Invalidations
    var flights = FlightTable()
    var eviction: Eviction
    var reclaimer = Reclaimer()
    var statistics = Cache.Statistics()
    /// Bytes of the aliases.
    var aliasBytes = 0
    /// Tags whose answers are neither kept nor found; see `Cache.suspend`.
    var suspended: Set<Cache.Tag> = []
    var suspensions: [Set<Cache.Tag>] = [[], []]
    /// Entries that have left the policy and are still in the indexes, before and after their hashes are known; see `Store+Removal`.
    var victims = MappedArray<Victim<EntryItem>>()
    var pendingRemovals = MappedArray<PendingRemoval>()
    /// Bytes of both.
    var victimBytes = 0
    let maxBytes: Int
    let maxEntryBytes: Int
    let isTiered: Bool
    let seed: UInt64
    var isClosed = false
    var sweeping = Sweep()

    init(_ configuration: Cache.Configuration, seed: UInt64, publishedState: PublishedState, accessBuffer: AccessBuffer) {
        self.seed = seed
        maxBytes = configuration.maxBytes
        maxEntryBytes = configuration.maxEntryBytes
        isTiered = configuration.isTiered
        texts = BlockIndex(TextIndex(seed: seed))
        keys = BlockIndex(KeyIndex(seed: seed))
        invalidations = Invalidations(size: Self.invalidationsSize(maxBytes), publishedState: publishedState)
        eviction = Eviction(publishedState: publishedState, accessBuffer: accessBuffer)
        statistics.maxBytes = maxBytes
        enforceBudget()
    }

    /// At most a 256th of the budget, as a power of two from 1 KiB to 8 MiB.
    private static func invalidationsSize(_ maxBytes: Int) -> Int {
        let wanted = min(max(maxBytes / 256, 1024), 8 << 20)
        return 1 << (Int.bitWidth - 1 - wanted.leadingZeroBitCount)
    }

    func deallocate() {
        texts.deallocate()
        keys.deallocate()
        invalidations.deallocate()
        flights.deallocate()
        eviction.deallocate()
        victims.deallocate()
        pendingRemovals.deallocate()
        reclaimer.deallocate()
    }
}

/// Makes a type that contains it be passed by address.
///
/// Why: a method that changes nothing would otherwise get a copy of the whole value, 800 bytes at each call.
struct PassedByReference: ~Copyable {
    private let nothing = Atomic<UInt8>(0)
}

/// Finds entries and aliases by the text of a request.
struct TextIndex: BlockIndexContent {
    let seed: UInt64
    let chunks = Arena.table
    func hash(of id: BlockID) -> UInt64 { Hash.of(BlockHeader.text(chunks.anyAddress(id)), seed: seed) }
}

/// Finds entries by their key.
struct KeyIndex: BlockIndexContent {
    let seed: UInt64
    let chunks = Arena.table
    func hash(of id: BlockID) -> UInt64 {
        guard let entry = EntryPointer(bitPattern: chunks.anyAddress(id)) else { return 0 }
        return Hash.of(entry.key, seed: seed)
    }
}
