import Synchronization

/// Decides which entries stay: the policy over all entries, and the tuner that sets its parameters.
///
/// Belongs to the holder of the store's lock. Readers take part through `PublishedState` (the current tick) and `AccessBuffer` (the uses).
struct Eviction: ~Copyable, @unchecked Sendable {
    // Sendable because the mutex around the store admits one thread at a time.
    private let place = PassedByReference()
    private(set) var policy: SampledEviction<EntryItem>
    private var tuner = PolicyTuner()
    private var lastTotalUses: UInt64 = 0
    private let publishedState: PublishedState
    private let accessBuffer: AccessBuffer

    /// The hashes of the keys identify keys that are no longer in the cache.
    init(publishedState: PublishedState, accessBuffer: AccessBuffer) {
        self.publishedState = publishedState
        self.accessBuffer = accessBuffer
        policy = SampledEviction(budget: 0, parameters: PolicyTuner.candidates[PolicyTuner.initialCandidate])
    }

    func deallocate() {
        tuner.deallocate()
        policy.deallocate()
    }

    var count: Int { policy.count }
    /// Bytes of its entries.
    var bytes: Int { policy.bytes }
    var tableSize: Int { policy.tableSize + tuner.tableSize }
    var span: Int { policy.span }
    func entry(_ number: Int) -> EntryPointer? { policy.item(number)?.entry }

    /// Advances time by one insertion, of an entry of `cost` bytes.
    mutating func recordInsertion(keyHash: UInt64, cost: Int) {
        var better: PolicyParameters?
        accessBuffer.drain { keyHash, size in better = tuner.use(keyHash, size: size) ?? better }
        better = tuner.use(keyHash, size: cost) ?? better
        tuner.adjust(entries: policy.count, bytes: policy.bytes, budget: policy.budget)
        if let better { policy.setParameters(better) }
        policy.recordInsertion(keyHash)
        publishedState.set(tick: policy.tick, decay: policy.parameters.decay, sampleMask: tuner.sampleMask)
    }

    /// Advances time by uses. `total` counts all uses since the beginning.
    mutating func advanceClock(totalUses total: UInt64) {
        policy.advanceClock(uses: Int(clamping: total &- lastTotalUses))
        lastTotalUses = total
        publishedState.set(tick: policy.tick, decay: policy.parameters.decay, sampleMask: tuner.sampleMask)
    }

    /// Starts to load what `recordInsertion` of an entry with that key reads.
    func prefetch(keyHash: UInt64) { policy.prefetch(keyHash) }

    mutating func insert(_ entry: EntryPointer, keyHash: UInt64, cost: Int) {
        policy.insert(EntryItem(entry: entry), keyHash, size: cost)
    }

    mutating func replace(_ old: EntryPointer, by new: EntryPointer) {
        policy.replace(EntryItem(entry: old), by: EntryItem(entry: new), oldSize: old.cost)
    }

    mutating func remove(_ entry: EntryPointer) -> Victim<EntryItem> { policy.remove(EntryItem(entry: entry)) }

    /// Remembers how often an evicted entry was used.
    func remember(_ entry: EntryPointer, keyHash: UInt64) { policy.remember(EntryItem(entry: entry), keyHash) }

    mutating func grow(_ entry: EntryPointer, by size: Int) { policy.grow(EntryItem(entry: entry), by: size) }

    /// Sets the bytes that the entries may take.
    mutating func set(budget: Int) {
        if policy.budget == budget { return }
        policy.budget = budget
        tuner.setBudget(budget)
    }

    var isOverBudget: Bool { policy.isOverBudget }

    /// Adds to `victims` the entries that have to go, so that the rest is within the budget.
    mutating func selectVictims(_ victims: inout MappedArray<Victim<EntryItem>>) { policy.selectVictims(&victims) }
}

/// An entry for the eviction policy.
struct EntryItem: Evictable {
    let entry: EntryPointer

    init(entry: EntryPointer) { self.entry = entry }

    /// The names of blocks serve as addresses.
    init?(address: UInt32) {
        guard let block = Arena.table.address(address) else { return nil }
        entry = block.assumingMemoryBound(to: Entry.self)
    }

    var address: UInt32 { entry.id }

    func prefetch() { Memory.prefetch(entry.raw, Entry.headerSize) }

    var size: Int { entry.cost }
    var accessRecord: AccessRecord {
        get { AccessRecord(word: entry.pointee.accessRecord.load(ordering: .relaxed)) }
        nonmutating set { entry.pointee.accessRecord.store(newValue.word, ordering: .relaxed) }
    }
    var place: UInt32 {
        get { entry.pointee.place }
        nonmutating set { entry.pointee.place = newValue }
    }
}
