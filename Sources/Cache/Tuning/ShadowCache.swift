/// A key that a shadow cache pretends to hold: a pointer into `ShadowCache`'s memory.
struct Ghost: Evictable {
    /// Why half a hash: it distinguishes a few hundred keys, and there are five such caches.
    struct Content {
        var keyHash: UInt32 = 0
        var accessRecord = AccessRecord(word: 0)
        var size: UInt32 = 0
        var place: UInt32 = 0
        /// The next ghost in the same bucket or on the free list.
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
    var accessRecord: AccessRecord {
        get { content.pointee.accessRecord }
        nonmutating set { content.pointee.accessRecord = newValue }
    }
    var place: UInt32 {
        get { content.pointee.place }
        nonmutating set { content.pointee.place = newValue }
    }
}

/// A small cache without answers, which shows how often a policy would have hit. Belongs to the holder of the store's lock.
struct ShadowCache<Policy: EvictionPolicy> where Policy.Item == Ghost {
    private(set) var policy: Policy
    private var buckets: [UnsafeMutablePointer<Ghost.Content>?]
    private var free: UnsafeMutablePointer<Ghost.Content>?
    private var blocks: [UnsafeMutablePointer<Ghost.Content>] = []
    private static var blockSize: Int { 16 }
    private var victims = MappedArray<Victim<Ghost>>()

    /// - Parameter entries: the approximate number of keys that it will hold.
    init(_ policy: Policy, entries: Int) {
        self.policy = policy
        var size = 16
        while size < entries { size *= 2 }
        buckets = Array(repeating: nil, count: size)
    }

    func deallocate() {
        for block in blocks { block.deallocate() }
        policy.deallocate()
        victims.deallocate()
    }

    var tableSize: Int {
        policy.tableSize + buckets.count * 8 + blocks.count * Self.blockSize * MemoryLayout<Ghost.Content>.stride
    }

    mutating func setBudget(_ budget: Int) { policy.budget = budget }

    /// Uses a key. Returns true if it was there.
    mutating func use(_ keyHash: UInt64, size: Int) -> Bool {
        let keyHash = UInt32(truncatingIfNeeded: keyHash >> 32)
        if let ghost = find(keyHash) {
            if ghost.accessRecord.tick != policy.tick {
                ghost.accessRecord = ghost.accessRecord.afterUse(at: policy.tick, decay: policy.decay)
            }
            return true
        }
        policy.recordInsertion(UInt64(keyHash))
        if size > policy.budget { return false }
        policy.insert(make(keyHash, UInt32(clamping: size)), UInt64(keyHash), size: size)
        policy.selectVictims(&victims)
        while let victim = victims.popLast() {
            let keyHash = victim.item.content.pointee.keyHash
            policy.remember(victim.item, UInt64(keyHash))
            forget(victim.item, keyHash)
        }
        return false
    }

    private func bucket(_ keyHash: UInt32) -> Int { Int(truncatingIfNeeded: keyHash) & (buckets.count - 1) }

    private func find(_ keyHash: UInt32) -> Ghost? {
        var content = buckets[bucket(keyHash)]
        while let known = content {
            if known.pointee.keyHash == keyHash { return Ghost(content: known) }
            content = known.pointee.next
        }
        return nil
    }

    private mutating func make(_ keyHash: UInt32, _ size: UInt32) -> Ghost {
        if free == nil { allocate() }
        let content = free!
        free = content.pointee.next
        let bucket = bucket(keyHash)
        content.pointee = Ghost.Content(keyHash: keyHash, size: size, next: buckets[bucket])
        buckets[bucket] = content
        return Ghost(content: content)
    }

    private mutating func forget(_ ghost: Ghost, _ keyHash: UInt32) {
        let bucket = bucket(keyHash)
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

extension ShadowCache where Policy == SampledEviction<Ghost> {
    mutating func setParameters(_ parameters: PolicyParameters) { policy.setParameters(parameters) }

    /// A shadow cache with the cache's own policy.
    init(parameters: PolicyParameters, budget: Int, entries: Int) {
        let memory = min(max(entries * 2, 64), 256)
        self.init(
            SampledEviction(budget: budget, parameters: parameters, sampleSize: 16, memory: memory, windowChunk: 8), entries: entries)
    }
}
