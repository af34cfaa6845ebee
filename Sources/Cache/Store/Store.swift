import CLinux
import Synchronization

/// What the cache's lock guards: the indexes, the flights, the accounts. Each method is one short critical section.
struct Store: ~Copyable, @unchecked Sendable {
    // Sendable because the mutex that holds it lets one thread at it.
    private let place = InPlace()
    let chunks = Arena.table
    var texts: Index<TextIndex>
    var keys: Index<KeyIndex>
    let invalidations: Invalidations
    var flights = Flights()
    var eviction: Eviction
    var reclaimer = Reclaimer()
    var statistics = Cache.Statistics()
    /// Bytes of the aliases.
    var aliasBytes = 0
    /// Tags whose answers are neither kept nor found; see `Cache.suspend`.
    var suspended: Set<Cache.Tag> = []
    /// Entries that are out of the population and still in the indexes, as the one names them and as the others do; see `Store+Going`.
    var victims = Table<Population<EntryItem>.Victim>()
    var leavers = Table<Leaver>()
    /// Bytes of these.
    var victimBytes = 0
    let maxBytes: Int
    let maxEntryBytes: Int
    let seed: UInt64
    var isClosed = false
    var sweeping = Sweep()

    /// Why limits: each is walked when an entry is found by its key or refreshed. What grows beyond starts over.
    static let maxAliases = 16
    static let maxTags = 512
    static let refreshLease = 30 * Clock.second
    static let longestBackoff = 30 * Clock.second

    init(_ configuration: Cache.Configuration, seed: UInt64, beacon: Beacon, samples: Samples) {
        self.seed = seed
        maxBytes = configuration.maxBytes
        maxEntryBytes = configuration.maxEntryBytes
        texts = Index(TextIndex(seed: seed))
        keys = Index(KeyIndex(seed: seed))
        invalidations = Invalidations(size: Self.invalidationsSize(maxBytes), beacon: beacon)
        eviction = Eviction(beacon: beacon, samples: samples)
        statistics.maxBytes = maxBytes
        settle()
    }

    /// A 256th of the budget at most, as a power of two from 1 KiB to 8 MiB.
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
        leavers.deallocate()
        reclaimer.deallocate()
    }
}

/// Makes what holds one be passed by its address.
///
/// Why: a method that changes nothing is otherwise passed a copy of the whole value, 800 bytes of it at each call.
struct InPlace: ~Copyable {
    private let nothing = Atomic<UInt8>(0)
}

/// Finds entries and aliases by the text of a request.
struct TextIndex: IndexContent {
    let seed: UInt64
    let chunks = Arena.table
    func hash(of name: UInt32) -> UInt64 { Hash.of(Block.text(chunks.anyAddress(name)), seed: seed) }
}

/// Finds entries by their key.
struct KeyIndex: IndexContent {
    let seed: UInt64
    let chunks = Arena.table
    func hash(of name: UInt32) -> UInt64 {
        guard let entry = EntryPointer(bitPattern: chunks.anyAddress(name)) else { return 0 }
        return Hash.of(entry.key, seed: seed)
    }
}
