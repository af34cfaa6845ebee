import Synchronization

/// Which entries stay: the population of all entries, and the contest that tells it which theme to follow.
///
/// Belongs to the holder of the store's lock. Readers take part through `Beacon` (what time it is) and `Samples` (what was used).
struct Eviction: ~Copyable, @unchecked Sendable {
    // Sendable because the mutex around the store lets one thread at it.
    private let place = InPlace()
    private(set) var population: Population<EntryItem>
    private var contest = Contest()
    private var lastTotalUses: UInt64 = 0
    private let beacon: Beacon
    private let samples: Samples

    /// The hashes of the keys serve as their histories.
    init(beacon: Beacon, samples: Samples) {
        self.beacon = beacon
        self.samples = samples
        population = Population(budget: 0, theme: Contest.themes[Contest.firstTheme])
    }

    func deallocate() {
        contest.deallocate()
        population.deallocate()
    }

    var count: Int { population.count }
    /// Bytes of the entries in it.
    var bytes: Int { population.bytes }
    var tableSize: Int { population.tableSize + contest.tableSize }
    var span: Int { population.span }
    func entry(_ number: Int) -> EntryPointer? { population.item(number)?.entry }

    /// Time goes on by one insertion, of an entry of `cost` bytes.
    mutating func note(keyHash: UInt64, cost: Int) {
        var better: Theme?
        samples.drain { history, size in better = contest.use(history, size: size) ?? better }
        better = contest.use(keyHash, size: cost) ?? better
        contest.adjust(entries: population.count, bytes: population.bytes, budget: population.budget)
        if let better { population.follow(better) }
        population.note(keyHash)
        beacon.set(tick: population.tick, decay: population.theme.decay, sampleMask: contest.sampleMask)
    }

    /// Time goes on by uses. `total` counts them since the beginning.
    mutating func elapse(totalUses total: UInt64) {
        population.elapse(uses: Int(clamping: total &- lastTotalUses))
        lastTotalUses = total
        beacon.set(tick: population.tick, decay: population.theme.decay, sampleMask: contest.sampleMask)
    }

    /// Starts to load what `note` of an entry with that key will read.
    func prefetch(keyHash: UInt64) { population.prefetch(keyHash) }

    mutating func insert(_ entry: EntryPointer, keyHash: UInt64, cost: Int) {
        population.insert(EntryItem(entry: entry), keyHash, size: cost)
    }

    mutating func replace(_ old: EntryPointer, by new: EntryPointer) {
        population.replace(EntryItem(entry: old), by: EntryItem(entry: new), oldSize: old.cost)
    }

    mutating func remove(_ entry: EntryPointer) -> Population<EntryItem>.Victim { population.remove(EntryItem(entry: entry)) }

    /// Keeps in mind how often an entry was used that is out.
    func remember(_ entry: EntryPointer, keyHash: UInt64) { population.remember(EntryItem(entry: entry), keyHash) }

    mutating func grow(_ entry: EntryPointer, by size: Int) { population.grow(EntryItem(entry: entry), by: size) }

    /// Bytes that the entries may take.
    mutating func set(budget: Int) {
        if population.budget == budget { return }
        population.budget = budget
        contest.follow(budget: budget)
    }

    var isOverBudget: Bool { population.isOverBudget }

    /// Adds to `victims` what has to go so that the entries are within the budget.
    mutating func overflow(_ victims: inout Table<Population<EntryItem>.Victim>) { population.overflow(&victims) }
}

/// An entry, as its population sees it.
struct EntryItem: Evictable {
    let entry: EntryPointer

    init(entry: EntryPointer) { self.entry = entry }

    /// Names of blocks serve as addresses.
    init?(address: UInt32) {
        guard let block = Arena.table.address(address) else { return nil }
        entry = block.assumingMemoryBound(to: Entry.self)
    }

    var address: UInt32 { entry.name }

    func prefetch() { Memory.prefetch(entry.raw, Entry.headerSize) }

    var size: Int { entry.cost }
    var touch: Touch {
        get { Touch(word: entry.pointee.touch.load(ordering: .relaxed)) }
        nonmutating set { entry.pointee.touch.store(newValue.word, ordering: .relaxed) }
    }
    var place: UInt32 {
        get { entry.pointee.place }
        nonmutating set { entry.pointee.place = newValue }
    }
}
