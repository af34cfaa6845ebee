/// A handle like a pointer: a copy means the same item.
protocol Addressed: Equatable, BitwiseCopyable {
    associatedtype Address: FixedWidthInteger & UnsignedInteger & BitwiseCopyable
    /// At most 48 bits, and not 0.
    var address: Address { get }
    /// The item at an address; nil for 0.
    init?(address: Address)
}

/// What an eviction policy needs to know of an item.
protocol Evictable: Addressed {
    var size: Int { get }
    var accessRecord: AccessRecord { get nonmutating set }
    /// Belongs to the policy that the item is in.
    var place: UInt32 { get nonmutating set }
    /// Starts to load what `accessRecord` and `size` read.
    func prefetch()
}

/// The parameters by which the policy weighs items.
struct PolicyParameters: Equatable {
    /// The part of the budget for new items.
    let window: Double
    /// How much a turnover without use weighs against a doubling of uses.
    let decay: Float
    /// The same for a tick, in units of a score.
    let decayStep: Float

    init(window: Double, decay: Float) {
        self.window = window
        self.decay = decay
        decayStep = decay * EvictionScore.doubling / AccessRecord.ticksPerTurnover
    }
}

/// Items within a budget of bytes, and the choice of those that have to go. A pure machine whose only time is its ticks.
///
/// New items pass a first-in, first-out admission window, where a used item goes round again. At its end an item moves to the main store if
/// there is room, or if its score is above that of its rivals. The rivals are 32 random items and the runners-up of the last choice.
/// An item that loses has to go. The score of an item is
///
///     log2(uses) - log2(size) + decay * (the time of its last use, in turnovers)
///
/// The sketch adds uses from earlier stays. An insertion reads about ten cache lines; a use writes one word.
struct SampledEviction<Item: Evictable>: EvictionPolicy {
    var parameters: PolicyParameters
    var budget: Int { didSet { windowBudget = Self.windowBudget(parameters, budget) } }
    private(set) var bytes = 0
    private var windowBytes = 0
    private var windowBudget: Int
    private var window: AdmissionWindow<Item>
    /// The addresses of the items in the main store: dense and unordered.
    private(set) var main = MappedArray<Item.Address>()
    /// Their stored scores, which sampling reads.
    var storedScores = MappedArray<EvictionScore>()
    /// The runners-up of the last choice, in the form of `SampleMinima`.
    var candidatePool = SIMD8<Int32>(repeating: 0)
    private var sketch: Sketch
    var random = Random()
    private var clock = 0.0 { didSet { tick = AccessRecord.Tick(truncatingIfNeeded: Int(clock)) } }
    private(set) var tick: AccessRecord.Tick = 0
    var decay: Float { parameters.decay }
    /// Number of items that are examined to choose one. A multiple of eight.
    let sampleSize: Int

    /// How far an item's score must be above that of the item that it replaces: three quarters of a doubling.
    private static var margin: Float { 0.75 * EvictionScore.doubling }

    /// Number of keys up to which the sketch grows by half.
    private static var sketchStep: Int { 2048 }

    /// - Parameters:
    ///   - memory: the least number of keys that the sketch has room for.
    ///   - windowChunk: number of slots by which the window grows, a power of two.
    init(budget: Int, parameters: PolicyParameters, sampleSize: Int = 32, memory: Int = 256, windowChunk: UInt32 = 32) {
        sketch = Sketch(entries: memory)
        window = AdmissionWindow(chunkSlots: windowChunk)
        self.budget = budget
        self.parameters = parameters
        self.sampleSize = sampleSize
        windowBudget = Self.windowBudget(parameters, budget)
    }

    private static func windowBudget(_ parameters: PolicyParameters, _ budget: Int) -> Int { max(Int(Double(budget) * parameters.window), 1) }

    func deallocate() {
        window.deallocate()
        main.deallocate()
        storedScores.deallocate()
        sketch.deallocate()
    }

    var count: Int { window.count + main.count }
    /// Bytes of its own tables.
    var tableSize: Int { window.size + main.size + storedScores.size + sketch.size }

    mutating func setParameters(_ parameters: PolicyParameters) {
        self.parameters = parameters
        windowBudget = Self.windowBudget(parameters, budget)
    }

    // MARK: Items

    /// Advances time by one insertion and counts the key, whether or not its item will be kept.
    mutating func recordInsertion(_ keyHash: UInt64) {
        clock += Double(AccessRecord.ticksPerTurnover) / Double(max(count, 1))
        if count > sketch.capacity {
            sketch.deallocate()
            // Why by half at first: a new sketch loses its counts, and a cache that fills up would lose them often.
            sketch = Sketch(entries: max(count + count / 8, min(count + count / 2, Self.sketchStep)))
        }
        sketch.add(keyHash, entries: count)
    }

    /// Starts to load what `recordInsertion` of the key reads.
    func prefetch(_ keyHash: UInt64) { sketch.prefetch(keyHash) }

    /// Advances time by uses while nothing is inserted: one tick for 32 uses of each item, and at most one tick a call.
    /// Why: a cache that never misses would otherwise count nothing, and the first scan would find every item used once.
    mutating func advanceClock(uses: Int) {
        clock += min(Double(uses) / Double(max(count, 1) * 32), 1)
    }

    /// Adds an item. `selectVictims` returns what has to go for it, which may be the item itself.
    mutating func insert(_ item: Item, _ keyHash: UInt64, size: Int) {
        item.accessRecord = AccessRecord(tick: tick, count: 1)
        push(item, keyHash)
        windowBytes += size
        bytes += size
    }

    /// Replaces an item by another of any size. `selectVictims` has to be called afterwards.
    mutating func replace(_ old: Item, by new: Item, oldSize: Int) {
        new.accessRecord = old.accessRecord
        new.place = old.place
        bytes += new.size - oldSize
        if let slot = AdmissionWindow<Item>.slot(old.place) {
            window.replace(slot, by: new)
            windowBytes += new.size - oldSize
        } else {
            main[Int(old.place)] = new.address
            storedScores[Int(old.place)] = storedScore(of: new)
        }
    }

    /// Removes an item that was not evicted. The caller has to call `remember`, as for a victim.
    mutating func remove(_ item: Item) -> Victim<Item> {
        let victim = Victim(item: item, size: item.size)
        bytes -= victim.size
        if let slot = AdmissionWindow<Item>.slot(item.place) {
            window.clear(slot)
            windowBytes -= victim.size
        } else {
            removeFromMain(Int(item.place))
        }
        return victim
    }

    /// An item grew or shrank by some bytes.
    mutating func grow(_ item: Item, by size: Int) {
        bytes += size
        if AdmissionWindow<Item>.slot(item.place) != nil { windowBytes += size } else { storedScores[Int(item.place)] = storedScore(of: item) }
    }

    /// Every item has a number below `span`, and some numbers have none. When an item goes, others may move to lower numbers.
    var span: Int { main.count + window.span }

    func item(_ number: Int) -> Item? {
        number < main.count ? Item(address: main[number]) : window.item(number - main.count)
    }

    // MARK: Going

    var isOverBudget: Bool { bytes > budget || windowBytes > windowBudget }

    /// Remembers how often an item was used that has left.
    ///
    /// Why a separate call: it needs the item's key, which loads meanwhile.
    func remember(_ item: Item, _ keyHash: UInt64) { sketch.raise(keyHash, to: item.accessRecord.count) }

    /// Adds to `victims` the items that have to go until the rest is within the budget.
    ///
    /// They have left the policy when it returns. The caller has to call `remember` for each.
    mutating func selectVictims(_ victims: inout MappedArray<Victim<Item>>) {
        if window.isSparse { tightenWindow(&victims) }
        guard isOverBudget else { return }
        // Why: the next insertion reads both.
        defer {
            if let (item, keyHash) = window.first {
                item.prefetch()
                sketch.prefetch(keyHash)
            }
        }
        while isOverBudget {
            guard windowBytes > windowBudget || main.count == 0, let (item, seen, keyHash) = window.popFirst() else {
                guard let (place, _) = sampleMinimum() else { return }
                evict(place, &victims)
                continue
            }
            leaveWindow(item, seen, keyHash, &victims)
        }
    }

    /// Number of items that one call takes from the end of a sparse window. More than one insertion adds, and few, so that no call takes long.
    private static var tightened: Int { 2 }

    /// Takes the first items out of a window that consists mostly of gaps, as if it were full.
    ///
    /// Why: a window that is never full would keep its first item for ever, and the slots of all that came and went after it. They would take the
    /// whole budget in the end.
    private mutating func tightenWindow(_ victims: inout MappedArray<Victim<Item>>) {
        for _ in 0..<Self.tightened {
            guard window.isSparse, let (item, seen, keyHash) = window.popFirst() else { return }
            leaveWindow(item, seen, keyHash, &victims)
            window.skipGaps()
        }
    }

    /// Moves an item from the end of the window to the main store, or out. One that was used since it came goes round again.
    private mutating func leaveWindow(_ item: Item, _ seen: AccessRecord.Tick, _ keyHash: UInt64, _ victims: inout MappedArray<Victim<Item>>) {
        if item.accessRecord.tick != seen { return push(item, keyHash) }
        let size = item.size
        windowBytes -= size
        if bytes > budget {
            var least = sampleMinimum()
            let uses = Float(sketch.count(of: keyHash))
            if uses > item.accessRecord.count { item.accessRecord = AccessRecord(tick: item.accessRecord.tick, count: uses) }
            let candidateScore = EvictionScore(item.accessRecord, size: size).score(at: tick, parameters)
            while let (place, score) = least, candidateScore > score + Self.margin {
                evict(place, &victims)
                least = bytes > budget ? sampleMinimum() : nil
            }
        }
        if bytes > budget {
            bytes -= size
            victims.append(Victim(item: item, size: size))
        } else {
            item.place = UInt32(truncatingIfNeeded: main.count)
            main.append(item.address)
            storedScores.append(EvictionScore(item.accessRecord, size: size))
        }
    }

    private mutating func push(_ item: Item, _ keyHash: UInt64) {
        item.place = window.push(item, seen: item.accessRecord.tick, keyHash: keyHash)
    }

    private mutating func evict(_ place: Int, _ victims: inout MappedArray<Victim<Item>>) {
        guard let item = Item(address: main[place]) else { return }
        removeFromMain(place)
        let size = item.size
        bytes -= size
        victims.append(Victim(item: item, size: size))
    }

    private mutating func removeFromMain(_ place: Int) {
        let last = main.count - 1
        if place < last {
            main[place] = main[last]
            storedScores[place] = storedScores[last]
            Item(address: main[place])?.place = UInt32(truncatingIfNeeded: place)
        }
        main.removeLast()
        storedScores.removeLast()
    }
}
