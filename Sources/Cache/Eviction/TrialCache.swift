/// A key that a trial cache pretends to hold: a pointer into `TrialCache`'s memory.
struct Ghost: Evictable {
    struct Content {
        var history: UInt64 = 0
        var touch = Touch(word: 0)
        var size: UInt32 = 0
        var place: UInt32 = 0
        /// The next ghost in the same bucket, or on the free list.
        var next: UnsafeMutablePointer<Content>?
    }

    let content: UnsafeMutablePointer<Content>

    init(content: UnsafeMutablePointer<Content>) { self.content = content }

    init?(address: UInt) {
        guard let content = UnsafeMutablePointer<Content>(bitPattern: address) else { return nil }
        self.content = content
    }

    var address: UInt { UInt(bitPattern: content) }
    func prefetch() {}
    var size: Int { Int(content.pointee.size) }
    var touch: Touch {
        get { content.pointee.touch }
        nonmutating set { content.pointee.touch = newValue }
    }
    var place: UInt32 {
        get { content.pointee.place }
        nonmutating set { content.pointee.place = newValue }
    }
}

/// A small cache without answers, which shows how often a theme would have hit. Belongs to the holder of the store's lock.
struct TrialCache {
    private(set) var population: Population<Ghost>
    private var buckets: [UnsafeMutablePointer<Ghost.Content>?]
    private var free: UnsafeMutablePointer<Ghost.Content>?
    private var blocks: [UnsafeMutablePointer<Ghost.Content>] = []
    private static let blockSize = 64
    private var victims = Table<Population<Ghost>.Victim>()

    init(theme: Theme, budget: Int, entries: Int) {
        population = Population(budget: budget, theme: theme, samples: 16, memory: 256)
        var size = 64
        while size < entries { size *= 2 }
        buckets = Array(repeating: nil, count: size)
    }

    func deallocate() {
        for block in blocks { block.deallocate() }
        population.deallocate()
        victims.deallocate()
    }

    var tableSize: Int {
        population.tableSize + buckets.count * 8 + blocks.count * Self.blockSize * MemoryLayout<Ghost.Content>.stride
    }

    mutating func setBudget(_ budget: Int) { population.budget = budget }

    /// Uses a key, and says whether it was there.
    mutating func use(_ history: UInt64, size: Int) -> Bool {
        if let ghost = find(history) {
            if ghost.touch.tick != population.tick {
                ghost.touch = ghost.touch.used(at: population.tick, decay: population.theme.decay)
            }
            return true
        }
        population.note(history)
        if size > population.budget { return false }
        population.insert(make(history, UInt32(clamping: size)), history, size: size)
        population.overflow(&victims)
        while let victim = victims.popLast() {
            let history = victim.item.content.pointee.history
            population.remember(victim.item, history)
            forget(victim.item, history)
        }
        return false
    }

    private func bucket(_ history: UInt64) -> Int { Int(truncatingIfNeeded: history >> 32) & (buckets.count - 1) }

    private func find(_ history: UInt64) -> Ghost? {
        var content = buckets[bucket(history)]
        while let known = content {
            if known.pointee.history == history { return Ghost(content: known) }
            content = known.pointee.next
        }
        return nil
    }

    private mutating func make(_ history: UInt64, _ size: UInt32) -> Ghost {
        if free == nil { allocate() }
        let content = free!
        free = content.pointee.next
        let bucket = bucket(history)
        content.pointee = Ghost.Content(history: history, size: size, next: buckets[bucket])
        buckets[bucket] = content
        return Ghost(content: content)
    }

    private mutating func forget(_ ghost: Ghost, _ history: UInt64) {
        let bucket = bucket(history)
        if buckets[bucket] == ghost.content {
            buckets[bucket] = ghost.content.pointee.next
        } else {
            var known = buckets[bucket]
            while let one = known, one.pointee.next != ghost.content { known = one.pointee.next }
            known?.pointee.next = ghost.content.pointee.next
        }
        ghost.content.pointee.next = free
        free = ghost.content
    }

    private mutating func allocate() {
        let block = UnsafeMutablePointer<Ghost.Content>.allocate(capacity: Self.blockSize)
        block.initialize(repeating: Ghost.Content(), count: Self.blockSize)
        for index in 0..<Self.blockSize { block[index].next = index + 1 < Self.blockSize ? block + index + 1 : free }
        free = block
        blocks.append(block)
    }
}
