/// How entries leave.
///
/// A victim leaves in two steps. It leaves the policy at once. It leaves the indexes when the next answer comes, or when a batch of blocks
/// is reclaimed. Why: its key and its text are needed for that; they are far away in memory and load meanwhile. Until then readers may still
/// find it by its text, which is correct. The holder of the lock no longer finds it.
extension Store {
    /// An entry that has left the policy, and what is known about it.
    struct PendingRemoval: BitwiseCopyable {
        let entry: EntryPointer
        let keyHash: UInt64
        let textHash: UInt64
        let cost: Int
    }

    func pendingRemoval(_ entry: EntryPointer, keyHash: UInt64, cost: Int) -> PendingRemoval {
        let textHash = Hash.of(entry.text, seed: seed)
        // Why now: both buckets load at once, while there is other work.
        keys.view.prefetch(keyHash)
        texts.view.prefetch(textHash)
        return PendingRemoval(entry: entry, keyHash: keyHash, textHash: textHash, cost: cost)
    }

    private func pendingRemoval(_ victim: Victim<EntryItem>) -> PendingRemoval {
        let entry = victim.item.entry
        let keyHash = Hash.of(entry.key, seed: seed)
        eviction.remember(entry, keyHash: keyHash)
        return pendingRemoval(entry, keyHash: keyHash, cost: victim.size)
    }

    /// Removes an entry from the policy and the indexes.
    mutating func drop(_ entry: EntryPointer) {
        forget(pendingRemoval(eviction.remove(entry)))
    }

    /// Removes an entry and its aliases from the indexes.
    private mutating func forget(_ pendingRemoval: PendingRemoval) {
        forgetAliases(of: pendingRemoval.entry)
        retire(pendingRemoval)
    }

    mutating func forgetAliases(of entry: EntryPointer) {
        while let alias = entry.aliases {
            entry.set(aliases: alias.pointee.next)
            retire(alias)
        }
    }

    mutating func retire(_ pendingRemoval: PendingRemoval) {
        let id = pendingRemoval.entry.id
        keys.remove(id, hash: pendingRemoval.keyHash)
        if !pendingRemoval.entry.text.isEmpty { texts.remove(id, hash: pendingRemoval.textHash) }
        pendingRemoval.entry.pointee.isPublished = false
        reclaimer.retire(UInt(bitPattern: pendingRemoval.entry), cost: pendingRemoval.cost)
    }

    // MARK: Victims

    /// Bytes from the beginning of an entry to the end of a key of usual size.
    private static let readOfVictims = 7 * 64

    /// Removes the entries from the policy that have to go.
    mutating func chooseVictims() {
        let known = victims.count
        eviction.selectVictims(&victims)
        for index in known..<victims.count {
            let entry = victims[index].item.entry
            entry.pointee.isPublished = false
            Memory.prefetch(entry.raw, Self.readOfVictims)
            victimBytes += victims[index].size
            statistics.evictions &+= 1
        }
    }

    /// The first half of `forgetVictims`: starts to load their places in the indexes.
    mutating func lookUpVictims() {
        while let victim = victims.popLast() { pendingRemovals.append(pendingRemoval(victim)) }
    }

    /// Removes the victims from the indexes.
    mutating func forgetVictims() {
        lookUpVictims()
        victimBytes = 0
        while let pendingRemoval = pendingRemovals.popLast() { forget(pendingRemoval) }
    }

    // MARK: Room

    /// Bytes of everything except entries and aliases.
    var tableBytes: Int { texts.size + keys.size + eviction.tableSize + invalidations.size }

    var bytes: Int { tableBytes + eviction.bytes + aliasBytes + unreclaimedBytes }

    /// Bytes of blocks that are neither kept nor free.
    private var unreclaimedBytes: Int { victimBytes + reclaimer.bytes }

    /// Bytes that these may take, beside the entries.
    private var reserve: Int { maxBytes / 64 }

    /// Evicts until everything is within the budget. Has to be called after every change of an index or an account.
    mutating func enforceBudget() {
        while true {
            let tables = tableBytes
            eviction.set(budget: max(maxBytes - reserve - tables - aliasBytes, 0))
            if eviction.isOverBudget { chooseVictims() }
            // Why again: an item that moves from the window to the main store may make the store's table grow.
            if tableBytes > tables { continue }
            if !reclaimer.isFull, unreclaimedBytes <= reserve { return }
            // Why again: an index that begins to shrink takes more memory for a while.
            reclaim()
        }
    }

    /// Frees what has to go. What readers hold belongs to them from now on.
    mutating func reclaim() {
        forgetVictims()
        reclaimer.reclaim()
    }
}
