/// What an eviction policy has to know of an item. Items are pointers: a copy is the same item.
protocol Evictable: Equatable {
    /// Identifies the item after it has gone.
    var history: UInt64 { get }
    var size: Int { get }
    var touch: Touch { get nonmutating set }
    /// Belongs to the population that the item is in.
    var place: UInt32 { get nonmutating set }
    /// Starts to load what will be read when the item goes.
    func prefetch()
}

/// How a population weighs what it knows.
struct Theme: Equatable {
    /// The part of the budget for what is new.
    var window: Double
    /// How much a turnover without use weighs against a doubling of uses.
    var decay: Float
}

/// Items within a budget of bytes, and the choice of those that have to go: a pure machine, with no time but its own ticks.
///
/// New items pass a window, first in, first out; what is used there goes round again. At its end an item moves to the main store if
/// there is room, or if it is worth more than the least of 64 items taken there at random; what loses is out. The worth of an item is
///
///     log2(uses) - log2(size) + decay * (the time of its last use, in turnovers)
///
/// where uses from earlier stays come from the sketch. Costs: an insertion reads about ten cache lines; a use writes one word.
struct Population<Item: Evictable> {
    private struct Resident {
        var item: Item
        /// The worth without its last term, and the tick of that, as they were when somebody last looked.
        var base: Float
        var tick: UInt32
    }

    var theme: Theme
    var budget: Int { didSet { windowBudget = Self.windowBudget(theme, budget) } }
    private(set) var bytes = 0
    private var windowBytes = 0
    private var windowBudget: Int
    private var window = Lane<Item>()
    /// Dense, in no order: what sampling reads.
    private var main: [Resident] = []
    private var runnersUp = RunnersUp<Item>()
    private var sketch: Sketch
    private var random = Random()
    private var clock = 0.0
    private let samples: Int

    private static var margin: Float { 0.5 }

    /// `memory`: keys that the sketch has room for, at least.
    init(budget: Int, theme: Theme, samples: Int = 64, memory: Int = 1024) {
        sketch = Sketch(entries: memory)
        self.budget = budget
        self.theme = theme
        self.samples = samples
        windowBudget = Self.windowBudget(theme, budget)
    }

    private static func windowBudget(_ theme: Theme, _ budget: Int) -> Int { max(Int(Double(budget) * theme.window), 1) }

    var tick: UInt32 { UInt32(truncatingIfNeeded: Int(clock)) }
    var count: Int { window.count + main.count }
    /// Bytes of its own tables.
    var tableSize: Int { (window.capacity + main.capacity) * 16 + sketch.size }

    mutating func follow(_ theme: Theme) {
        self.theme = theme
        windowBudget = Self.windowBudget(theme, budget)
    }

    // MARK: Items

    /// Time passes by one insertion, and the key is counted, whether its item will be kept or not.
    mutating func note(_ history: UInt64) {
        clock += Double(Touch.ticksPerTurnover) / Double(max(count, 1))
        if count > sketch.capacity { sketch = Sketch(entries: count) }
        sketch.add(history, entries: count)
    }

    /// Time passes by uses, where nothing is inserted: by one tick for 32 uses of each item, and by one tick a call at most.
    /// Why: else a cache that never misses would count nothing, and the first scan would find all its items used once.
    mutating func elapse(uses: Int) {
        clock += min(Double(uses) / Double(max(count, 1) * 32), 1)
    }

    /// Takes an item in. `overflow` tells what has to go for it, which may be the item itself.
    mutating func insert(_ item: Item) {
        item.touch = Touch(tick: tick, count: 1)
        push(item)
        windowBytes += item.size
        bytes += item.size
    }

    /// Puts an item in the place of another, of any size. `overflow` has to be asked then.
    mutating func replace(_ old: Item, by new: Item, oldSize: Int) {
        new.touch = old.touch
        new.place = old.place
        bytes += new.size - oldSize
        if let slot = Lane<Item>.slot(old.place) {
            window.replace(slot, by: new)
            windowBytes += new.size - oldSize
        } else {
            main[Int(old.place)] = resident(new)
        }
    }

    /// Takes an item out that was neither evicted nor is used any more.
    mutating func remove(_ item: Item) {
        bytes -= item.size
        if let slot = Lane<Item>.slot(item.place) {
            window.clear(slot)
            windowBytes -= item.size
        } else {
            removeFromMain(Int(item.place))
        }
        sketch.raise(item.history, to: item.touch.count)
    }

    /// An item grew (or shrank) by some bytes.
    mutating func grow(_ item: Item, by size: Int) {
        bytes += size
        if Lane<Item>.slot(item.place) != nil { windowBytes += size } else { main[Int(item.place)] = resident(item) }
    }

    /// Every item has a number below `span`; some numbers have none. When an item goes, others may move to lower numbers.
    var span: Int { main.count + window.span }

    func item(_ number: Int) -> Item? {
        number < main.count ? main[number].item : window.item(number - main.count)
    }

    // MARK: Going

    /// Adds to `victims` the items that have to go until all is within the budget. They are out when it returns.
    mutating func overflow(_ victims: inout [Item]) {
        while bytes > budget || windowBytes > windowBudget {
            guard windowBytes > windowBudget || main.isEmpty, let (item, seen) = window.popFirst() else {
                guard let (place, _) = worst() else { return }
                evict(place, &victims)
                continue
            }
            if item.touch.tick != seen {
                push(item)
                continue
            }
            windowBytes -= item.size
            leaveWindow(item, &victims)
        }
    }

    /// An item that has come to the end of the window moves on, or out.
    private mutating func leaveWindow(_ item: Item, _ victims: inout [Item]) {
        if bytes > budget {
            let history = Float(sketch.count(of: item.history))
            if history > item.touch.count { item.touch = Touch(tick: item.touch.tick, count: history) }
            let worth = worth(base(item), item.touch.tick)
            while bytes > budget, let (place, least) = worst() {
                if worth <= least + Self.margin { break }
                evict(place, &victims)
            }
        }
        if bytes > budget {
            sketch.raise(item.history, to: item.touch.count)
            bytes -= item.size
            victims.append(item)
        } else {
            item.place = UInt32(truncatingIfNeeded: main.count)
            main.append(resident(item))
        }
    }

    private mutating func push(_ item: Item) {
        item.place = window.push(item, seen: item.touch.tick)
    }

    private mutating func evict(_ place: Int, _ victims: inout [Item]) {
        let item = main[place].item
        item.prefetch()
        sketch.raise(item.history, to: item.touch.count)
        removeFromMain(place)
        bytes -= item.size
        victims.append(item)
    }

    private mutating func removeFromMain(_ place: Int) {
        guard let last = main.popLast() else { return }
        if place < main.count {
            main[place] = last
            last.item.place = UInt32(truncatingIfNeeded: place)
        }
    }

    // MARK: Worth

    private func base(_ item: Item) -> Float {
        Binary.logarithm(item.touch.count) - Binary.logarithm(Float(max(item.size, 1)))
    }

    private func worth(_ base: Float, _ tick: UInt32) -> Float {
        base + theme.decay / Touch.ticksPerTurnover * Float(Int32(bitPattern: tick &- self.tick))
    }

    private func resident(_ item: Item) -> Resident { Resident(item: item, base: base(item), tick: item.touch.tick) }

    /// The place of the item of the least worth, of some taken at random and of the runners-up of earlier choices.
    private mutating func worst() -> (place: Int, worth: Float)? {
        guard !main.isEmpty else { return nil }
        return withUnsafeTemporaryAllocation(of: Candidate.self, capacity: samples + RunnersUp<Item>.most) { memory in
            var candidates = UnsafeMutableBufferPointer(rebasing: memory[..<gather(memory)])
            let best = settle(&candidates)
            if let second = Self.least(candidates, except: best) {
                let place = candidates[second].place
                runnersUp.offer(place: place, item: main[place].item, worth: candidates[second].worth)
            }
            return (candidates[best].place, candidates[best].worth)
        }
    }

    private struct Candidate {
        var place: Int
        var worth: Float
    }

    /// Fills in the candidates with what is known of them, and returns their number.
    private mutating func gather(_ candidates: UnsafeMutableBufferPointer<Candidate>) -> Int {
        runnersUp.keep { $0.place < main.count && main[$0.place].item == $0.item }
        var count = 0
        func add(_ place: Int) {
            candidates.initializeElement(at: count, to: Candidate(place: place, worth: worth(main[place].base, main[place].tick)))
            count += 1
        }
        // Why runs of eight neighbours: they lie in two cache lines; and why in two rounds: so that all runs load at once.
        withUnsafeTemporaryAllocation(of: Int.self, capacity: samples / 8) { runs in
            main.withUnsafeBufferPointer { main in
                for run in runs.indices {
                    // Why from below zero: else the first places would be taken less often than the others.
                    runs[run] = random.below(main.count + 7) - 7
                    Memory.prefetch(main.baseAddress.map { $0 + max(runs[run], 0) })
                    Memory.prefetch(main.baseAddress.map { $0 + min(runs[run] + 7, main.count - 1) })
                }
            }
            for index in 0..<runnersUp.count { add(runnersUp[index].place) }
            for run in runs {
                for place in max(run, 0)..<min(run + 8, main.count) { add(place) }
            }
        }
        return count
    }

    /// The candidate of the least worth. What is known may be old; uses only raise it, so whoever is least by what is known is looked
    /// at, until that does not change it.
    private mutating func settle(_ candidates: inout UnsafeMutableBufferPointer<Candidate>) -> Int {
        while true {
            let best = Self.least(candidates, except: nil) ?? 0
            let place = candidates[best].place
            let known = main[place]
            if known.item.touch.tick == known.tick { return best }
            main[place] = resident(known.item)
            candidates[best].worth = worth(main[place].base, main[place].tick)
        }
    }

    private static func least(_ candidates: UnsafeMutableBufferPointer<Candidate>, except: Int?) -> Int? {
        var least: Int?
        var worth = Float.infinity
        for index in candidates.indices
        where candidates[index].worth < worth && (except.map { candidates[index].place != candidates[$0].place } ?? true) {
            least = index
            worth = candidates[index].worth
        }
        return least
    }
}
