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
        // Why taken out: nobody asks for them any more, and each look at them through the flight counts a reference up and down.
        var tags: [Cache.Tag] = []
        swap(&tags, &flight.tags)
        let entry = make(flight, tags, answer, known)
        // Why before: as soon as it is admitted, readers get there by what led to the known one.
        if known != nil { entry.fill(answer) }
        let cost = entry.cost
        let verdict = mayKeep(entry, cost, flight, tags, known)
        if verdict == .yes { admit(entry, cost, replacing: known, flight.keyHash) }
        // Why not before: the place that it is written to loads meanwhile.
        if known == nil { entry.fill(answer) }
        switch verdict {
        case .yes: publish(entry, flight, isNew: known == nil)
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
    private func make(_ flight: Cache.Flight, _ tags: [Cache.Tag], _ answer: Cache.Answer, _ known: EntryPointer?) -> EntryPointer {
        let entry = Entry.make(
            answer: answer, text: known?.text ?? flight.text, key: flight.key, windows: known?.pointee.way.windows ?? flight.windows,
            tags: tags, born: flight.born, stamp: flight.stamp)
        entry.prolong(to: max(flight.life, known?.life ?? 0))
        return entry
    }

    private enum Verdict { case yes, no, tooLarge }

    private mutating func mayKeep(
        _ entry: EntryPointer, _ cost: Int, _ flight: Cache.Flight, _ tags: [Cache.Tag], _ known: EntryPointer?
    ) -> Verdict {
        if isClosed || flight.life == 0 || tags.count > Self.maxTags || isSuspended(tags) { return .no }
        // The fence: what was invalidated while the query ran may have been read before.
        if invalidations.hit(tags, after: flight.stamp) {
            statistics.fenced &+= 1
            return .no
        }
        // A query that began later has already answered.
        if let known, (known.pointee.stamp, known.pointee.born) > (flight.stamp, Entry.rounded(flight.born)) { return .no }
        let isWhole = !entry.pointee.isDetached && flight.key.count <= Entry.longestPart
        return isWhole && cost <= maxEntryBytes ? .yes : .tooLarge
    }

    /// Gives an entry its place among the others, and chooses those that have to go for it; it may be one of them.
    private mutating func admit(_ entry: EntryPointer, _ cost: Int, replacing known: EntryPointer?, _ keyHash: UInt64) {
        entry.shareWithStore()
        entry.pointee.isPublished = true
        statistics.insertions &+= 1
        if let known {
            replace(known, by: entry, keyHash: keyHash)
        } else {
            eviction.note(keyHash: keyHash, cost: cost)
            eviction.insert(entry, cost: cost)
        }
        chooseLeavers()
    }

    /// Lets an entry be found that has its place. A new one has the flight's own text.
    private mutating func publish(_ entry: EntryPointer, _ flight: Cache.Flight, isNew: Bool) {
        forgetLeavers()
        // Why even if it does not stay: tables may have grown for it.
        guard entry.pointee.isPublished else { return settle() }
        let isFindable =
            keys.insert(entry.name, hash: flight.keyHash)
            && (entry.text.isEmpty || texts.insert(entry.name, hash: isNew ? flight.textHash : Hash.of(entry.text, seed: seed)))
        if !isFindable { drop(entry) }
        if isNew { settle() } else { remember(flight.text, flight.windows, entry) }
    }

    /// Everything that led to the old entry leads to the new one.
    private mutating func replace(_ known: EntryPointer, by entry: EntryPointer, keyHash: UInt64) {
        if known.aliases != nil, entry.makeExtras() == nil { forgetAliases(of: known) }
        entry.set(aliases: known.aliases)
        known.set(aliases: nil)
        var alias = entry.aliases
        while let one = alias {
            one.pointee.entry.store(UInt(bitPattern: entry), ordering: .releasing)
            alias = one.pointee.next
        }
        eviction.replace(known, by: entry)
        retire(leaver(known, keyHash: keyHash, cost: known.cost))
    }

    // MARK: Going

    /// An entry that is in no population any more, and what is known of it.
    struct Leaver {
        let entry: EntryPointer
        let keyHash: UInt64
        let textHash: UInt64
        let cost: Int
    }

    private func leaver(_ entry: EntryPointer, keyHash: UInt64, cost: Int) -> Leaver {
        let textHash = Hash.of(entry.text, seed: seed)
        // Why now: so that both buckets load at once, and while there is something else to do.
        keys.view.prefetch(keyHash)
        texts.view.prefetch(textHash)
        return Leaver(entry: entry, keyHash: keyHash, textHash: textHash, cost: cost)
    }

    private func leaver(_ victim: Population<EntryItem>.Victim) -> Leaver {
        leaver(victim.item.entry, keyHash: victim.history, cost: victim.size)
    }

    /// Takes an entry out of everything.
    mutating func drop(_ entry: EntryPointer) {
        forget(leaver(eviction.remove(entry)))
    }

    /// Takes an entry out of the indexes, and all that leads to it.
    private mutating func forget(_ leaver: Leaver) {
        forgetAliases(of: leaver.entry)
        retire(leaver)
    }

    private mutating func forgetAliases(of entry: EntryPointer) {
        while let alias = entry.aliases {
            entry.set(aliases: alias.pointee.next)
            retire(alias)
        }
    }

    private mutating func retire(_ leaver: Leaver) {
        let name = leaver.entry.name
        keys.remove(name, hash: leaver.keyHash)
        if !leaver.entry.text.isEmpty { texts.remove(name, hash: leaver.textHash) }
        leaver.entry.pointee.isPublished = false
        reclaimer.retire(UInt(bitPattern: leaver.entry), cost: leaver.cost)
    }

    // MARK: Room

    /// Bytes of everything but entries and aliases.
    var tableBytes: Int { texts.size + keys.size + eviction.tableSize + invalidations.size }

    var bytes: Int { tableBytes + eviction.bytes + aliasBytes + reclaimer.bytes }

    /// What may wait for readers to let go, beside the entries.
    private var reserve: Int { maxBytes / 64 }

    /// Evicts until all is within the budget.
    mutating func settle() {
        eviction.set(budget: max(maxBytes - reserve - tableBytes - aliasBytes, 0))
        if eviction.isOverBudget {
            chooseLeavers()
            forgetLeavers()
        } else {
            reclaimIfDue()
        }
    }

    /// Takes out of the population what has to go. `forgetLeavers` has to follow; what that will read loads meanwhile.
    private mutating func chooseLeavers() {
        eviction.overflow(&victims)
        while let victim = victims.popLast() { leavers.append(leaver(victim)) }
    }

    private mutating func forgetLeavers() {
        while let leaver = leavers.popLast() {
            forget(leaver)
            statistics.evictions &+= 1
        }
        reclaimIfDue()
    }

    private mutating func reclaimIfDue() {
        if reclaimer.isFull || reclaimer.bytes > reserve { reclaimer.reclaim() }
    }
}
