/// How entries go.
///
/// A victim leaves in two steps. It leaves the policy at once. It leaves the indexes when the next answer comes, or when a batch of blocks
/// is reclaimed. Why: its key and its text have to be read for that; they lie far away and load meanwhile. Until then readers may still
/// find it by its text, which is right. The holder of the lock finds it no more.
extension Store {
    /// An entry that has left the policy, and what is known of it.
    struct PendingRemoval: BitwiseCopyable {
        let entry: EntryPointer
        let keyHash: UInt64
        let textHash: UInt64
        let cost: Int
    }

    func pendingRemoval(_ entry: EntryPointer, keyHash: UInt64, cost: Int) -> PendingRemoval {
        let textHash = Hash.of(entry.text, seed: seed)
        // Why now: so that both buckets load at once, and while there is something else to do.
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

    /// Takes an entry out of everything.
    mutating func drop(_ entry: EntryPointer) {
        forget(pendingRemoval(eviction.remove(entry)))
    }

    /// Takes an entry out of the indexes, and all that leads to it.
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

    /// Takes the entries out of the policy that have to go.
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

    /// The first half of `forgetVictims`: starts to load where they stand in the indexes.
    mutating func lookUpVictims() {
        while let victim = victims.popLast() { pendingRemovals.append(pendingRemoval(victim)) }
    }

    /// Takes the victims out of the indexes.
    mutating func forgetVictims() {
        lookUpVictims()
        victimBytes = 0
        while let pendingRemoval = pendingRemovals.popLast() { forget(pendingRemoval) }
    }

    // MARK: Room

    /// Bytes of everything but entries and aliases.
    var tableBytes: Int { texts.size + keys.size + eviction.tableSize + invalidations.size }

    var bytes: Int { tableBytes + eviction.bytes + aliasBytes + unreclaimedBytes }

    /// Bytes of what is neither kept nor free.
    private var unreclaimedBytes: Int { victimBytes + reclaimer.bytes }

    /// What they may take, beside the entries.
    private var reserve: Int { maxBytes / 64 }

    /// Evicts until all is within the budget. Has to follow whatever changes an index or an account.
    mutating func enforceBudget() {
        while true {
            let tables = tableBytes
            eviction.set(budget: max(maxBytes - reserve - tables - aliasBytes, 0))
            if eviction.isOverBudget { chooseVictims() }
            // Why again: what stays leaves the window for the main store, whose table may grow by it.
            if tableBytes > tables { continue }
            if !reclaimer.isFull, unreclaimedBytes <= reserve { return }
            // Why again: an index that begins to shrink takes more for a while.
            reclaim()
        }
    }

    /// Frees what has to go, except for what readers hold: that is theirs from now on.
    mutating func reclaim() {
        forgetVictims()
        reclaimer.reclaim()
    }
}
