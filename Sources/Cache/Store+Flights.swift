import CLinux
import Synchronization

extension Store {
    mutating func begin(_ flight: Cache.Flight, _ now: UInt64) {
        flight.stamp = invalidations.sequence
        flight.born = now
    }

    /// Makes the flight's entry, and publishes it if it may be kept. The entry comes with a reference. `isMine` is false when the
    /// flight was ended by somebody else.
    mutating func complete(
        _ flight: Cache.Flight, _ answer: Cache.Answer, _ now: UInt64
    ) -> (entry: EntryPointer, isMine: Bool) {
        let isMine = take(flight)
        let known = find(flight.key, flight.keyHash)
        if let known { flight.add(known.tags) }
        let entry = make(flight, answer, known)
        switch mayKeep(entry, flight, known) {
        case .yes: publish(entry, replacing: known, flight)
        case .no: break
        case .tooLarge:
            statistics.oversized &+= 1
            // It is older than what the database has just answered.
            if let known { drop(known) }
        }
        return (entry, isMine)
    }

    /// Ends a flight without an answer. False when somebody else has ended it.
    mutating func fail(_ flight: Cache.Flight, _ now: UInt64?) -> Bool {
        guard take(flight) else { return false }
        if let now, let known = find(flight.key, flight.keyHash) {
            let backoff = min(Clock.second << UInt64(min(known.pointee.failures, 8)), Self.longestBackoff)
            known.pointee.failures = min(known.pointee.failures, 8) + 1
            known.postponeRefresh(to: now &+ backoff)
        }
        return true
    }

    /// Keeps others from joining a flight that nobody follows. False when somebody does.
    mutating func isolate(_ flight: Cache.Flight) -> Bool {
        guard flight.following.load(ordering: .relaxed) <= 0 else { return false }
        flights.remove(flight)
        return true
    }

    mutating func close() -> [Cache.Flight] {
        isClosed = true
        let running = flights.removeAll()
        for flight in running { flight.isOver = true }
        for number in (0..<eviction.span).reversed() {
            if number < eviction.span, let entry = eviction.entry(number) { drop(entry) }
        }
        reclaimer.reclaim()
        return running
    }

    /// Makes the caller the one who ends the flight, unless somebody is.
    private mutating func take(_ flight: Cache.Flight) -> Bool {
        if flight.isOver { return false }
        flight.isOver = true
        flights.remove(flight)
        return true
    }

    /// The new entry takes over the text of the one it replaces, so that what is known of texts stays known.
    private func make(_ flight: Cache.Flight, _ answer: Cache.Answer, _ known: EntryPointer?) -> EntryPointer {
        let entry = Entry.make(
            answer: answer, text: known?.text ?? flight.text, key: flight.key, windows: known?.pointee.way.windows ?? flight.windows,
            tags: flight.tags, born: flight.born, stamp: flight.stamp)
        entry.prolong(to: max(flight.life, known?.life ?? 0))
        return entry
    }

    private enum Verdict { case yes, no, tooLarge }

    private mutating func mayKeep(_ entry: EntryPointer, _ flight: Cache.Flight, _ known: EntryPointer?) -> Verdict {
        if isClosed || flight.life == 0 || flight.tags.count > Self.maxTags || isSuspended(flight.tags) { return .no }
        // The fence: what was invalidated while the query ran may have been read before.
        if invalidations.hit(flight.tags, after: flight.stamp) {
            statistics.fenced &+= 1
            return .no
        }
        // A query that began later has already answered.
        if let known, (known.pointee.stamp, known.pointee.born) > (flight.stamp, Entry.rounded(flight.born)) { return .no }
        let isWhole = !entry.pointee.isDetached && flight.key.count <= Entry.longestPart
        return isWhole && entry.cost <= maxEntryBytes ? .yes : .tooLarge
    }

    private mutating func publish(_ entry: EntryPointer, replacing known: EntryPointer?, _ flight: Cache.Flight) {
        if let known {
            replace(known, by: entry, keyHash: flight.keyHash)
        } else {
            eviction.note(entry, keyHash: flight.keyHash)
            eviction.insert(entry)
        }
        // The store's own reference.
        Block.retain(UInt(bitPattern: entry))
        entry.pointee.isPublished = true
        let isFindable =
            keys.insert(entry.name, hash: flight.keyHash)
            && (entry.text.isEmpty
                || texts.insert(entry.name, hash: known == nil ? flight.textHash : Hash.of(entry.text, seed: seed)))
        statistics.insertions &+= 1
        if !isFindable { return drop(entry) }
        remember(flight.text, flight.windows, entry)
    }

    /// Everything that led to the old entry leads to the new one.
    private mutating func replace(_ known: EntryPointer, by entry: EntryPointer, keyHash: UInt64) {
        if known.aliases != nil, entry.makeExtras() == nil { forgetAliases(of: known) }
        entry.set(aliases: known.aliases)
        known.set(aliases: nil)
        var alias = entry.aliases
        while let one = alias {
            one.pointee.entry.store(UInt(bitPattern: entry), ordering: .sequentiallyConsistent)
            alias = one.pointee.next
        }
        eviction.replace(known, by: entry)
        retire(known, keyHash: keyHash, cost: known.cost)
    }

    // MARK: Going

    /// Takes an entry out of everything.
    mutating func drop(_ entry: EntryPointer) {
        forget(eviction.remove(entry))
    }

    /// Takes an entry that is in no population any more out of the indexes.
    private mutating func forget(_ victim: Population<EntryItem>.Victim) {
        forgetAliases(of: victim.item.entry)
        retire(victim.item.entry, keyHash: victim.history, cost: victim.size)
    }

    private mutating func forgetAliases(of entry: EntryPointer) {
        while let alias = entry.aliases {
            entry.set(aliases: alias.pointee.next)
            retire(alias)
        }
    }

    private mutating func retire(_ entry: EntryPointer, keyHash: UInt64, cost: Int) {
        let name = entry.name
        let textHash = Hash.of(entry.text, seed: seed)
        // Why: so that both buckets load at once.
        keys.view.prefetch(keyHash)
        texts.view.prefetch(textHash)
        keys.remove(name, hash: keyHash)
        if !entry.text.isEmpty { texts.remove(name, hash: textHash) }
        entry.pointee.isPublished = false
        reclaimer.retire(UInt(bitPattern: entry), cost: cost)
    }

    // MARK: Room

    /// Bytes of everything but entries and aliases.
    var tableBytes: Int { texts.size + keys.size + eviction.tableSize + invalidations.size }

    var bytes: Int { tableBytes + eviction.bytes + aliasBytes + reclaimer.bytes }

    /// What may wait for readers to let go, beside the entries.
    private var reserve: Int { maxBytes / 64 }

    /// Evicts until all is within the budget.
    mutating func settle() {
        eviction.shrink(to: max(maxBytes - reserve - tableBytes - aliasBytes, 0), &victims)
        for index in victims.indices { forget(victims[index]) }
        statistics.evictions &+= UInt64(victims.count)
        victims.removeAll(keepingCapacity: true)
        if reclaimer.isFull || reclaimer.bytes > reserve { reclaimer.reclaim() }
    }
}
