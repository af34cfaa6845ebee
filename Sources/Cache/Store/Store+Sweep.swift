import CLinux
import Synchronization

/// The state of the search for entries that are invalid or too old.
struct Sweep {
    /// Entries before this position still have to be examined. It decreases, so that an entry that moves into a gap has been seen.
    var next = 0
    /// The number of invalidations when this round began.
    var invalidationVersion: UInt64 = 1
    /// When the next round begins, unless an invalidation starts it earlier.
    var due: UInt64 = 0
    /// Bytes of `malloc` that were freed since memory was last returned to the system.
    var surplus = 0

    /// Returns true after a round if `malloc` should return free memory. The arena returns its memory itself.
    mutating func takeSurplus() -> Bool {
        guard next == 0, surplus >= CacheLimit.surplusBytes else { return false }
        surplus = 0
        return true
    }
}

extension Store {
    mutating func invalidate(_ tags: [Cache.Tag], isCounted: Bool) {
        if !tags.isEmpty { invalidations.record(tags) }
        if isCounted { statistics.invalidations &+= 1 }
    }

    mutating func invalidateAll(isCounted: Bool) {
        invalidations.recordAll()
        if isCounted { statistics.invalidations &+= 1 }
    }

    mutating func sweep(_ limit: Int, _ now: UInt64, totalUses: UInt64) -> Bool {
        eviction.advanceClock(totalUses: totalUses)
        if sweeping.next == 0 {
            let invalidationVersion = invalidations.currentVersion
            guard invalidationVersion != sweeping.invalidationVersion || now >= sweeping.due else {
                reclaim()
                return false
            }
            sweeping = Sweep(next: eviction.span, invalidationVersion: invalidationVersion, due: now &+ CacheLimit.sweepPause, surplus: sweeping.surplus)
        }
        for _ in 0..<limit {
            sweeping.next = min(sweeping.next, eviction.span)
            if sweeping.next == 0 { break }
            sweeping.next -= 1
            if let entry = eviction.entry(sweeping.next), isUseless(entry, now) {
                if entry.pointee.isAnswerOutside { sweeping.surplus += entry.cost }
                drop(entry)
                statistics.expirations &+= 1
            }
        }
        reclaim()
        return sweeping.next > 0
    }

    /// Returns true if no request can use the entry any more.
    func isUseless(_ entry: EntryPointer, _ now: UInt64) -> Bool {
        Windows(ttl: entry.maxAge, swr: 0).freshness(loadedAt: entry.pointee.loadedAt, now: now) == nil
            || !invalidations.isValid(entry)
    }

    /// Stops the program if two parts contradict each other.
    func checkInvariants() {
        var cost = 0
        var aliasCost = 0
        var count = 0
        for number in 0..<eviction.span {
            guard let entry = eviction.entry(number) else { continue }
            count += 1
            precondition(entry.pointee.isPublished, "an entry that may be evicted is published")
            precondition(find(entry.key, Hash.of(entry.key, seed: seed)) == entry, "an entry is found by its key")
            precondition(entry.text.isEmpty || leads(entry.text, to: entry.id), "… by its text")
            cost += entry.cost
            aliasCost += checkAliases(of: entry)
        }
        for victim in victims.values.map(\.item.entry) + pendingRemovals.values.map(\.entry) {
            precondition(!victim.pointee.isPublished, "a victim is not found by its key")
            aliasCost += checkAliases(of: victim)
        }
        precondition(count == eviction.count, "entries are counted")
        precondition(cost == eviction.bytes && aliasCost == aliasBytes, "the accounts are right")
        precondition(bytes <= maxBytes || eviction.count == 0, "the cache keeps to its budget")
    }

    /// Returns the bytes of the aliases.
    private func checkAliases(of entry: EntryPointer) -> Int {
        var cost = 0
        var alias = entry.aliases
        while let one = alias {
            precondition(one.pointee.entry.load(ordering: .relaxed) == UInt(bitPattern: entry), "an alias leads home")
            precondition(leads(one.text, to: one.id), "an alias is found by its text")
            cost += one.cost
            alias = one.pointee.next
        }
        return cost
    }

    private func leads(_ text: UnsafeRawBufferPointer, to id: BlockID) -> Bool {
        texts.view.first(Hash.of(text, seed: seed)) { $0.pointee.load(ordering: .relaxed) == id ? true : nil } ?? false
    }
}
