import Synchronization

extension Store {
    /// Makes the entry of a query's answer, and publishes it if it may be kept.
    ///
    /// Returns the entry with a reference, and the flight that has to be ended with it, if there is one.
    /// - Parameter age: how long ago an answer from a second tier was read. The tier was asked about the query's tags.
    mutating func complete(
        _ query: InflightQueryPointer, _ answer: Cache.Answer, age: UInt64? = nil, _ now: UInt64
    ) -> (entry: EntryPointer, flight: Cache.Flight?) {
        let flight = take(query)
        lookUpVictims()
        let known = find(query.pointee.key, query.pointee.keyHash)
        var isWidened = false
        if let age {
            query.pointee.loadedAt = now > age ? now &- age : 0
            isWidened = known.map { entry in entry.tags.contains { !query.pointee.tags.contains($0) } } ?? false
        }
        if let known { query.add(known.tags) }
        // Why taken out: they are not needed any more, and each access through the query would count a reference up and down.
        var tags: [Cache.Tag] = []
        swap(&tags, &query.pointee.tags)
        let entry = make(query, tags, answer, known)
        // Why before: once it is admitted, readers reach it by everything that led to the known one.
        if known != nil { entry.fill(answer) }
        let cost = entry.cost
        // Why not a widened one: the tier was not asked about those tags.
        let verdict = isWidened || !answer.isKept ? .no : mayKeep(entry, cost, query, tags, known)
        if verdict == .yes { admit(entry, cost, replacing: known, query.pointee.keyHash) }
        // Why not before: its destination in memory loads meanwhile.
        if known == nil { entry.fill(answer) }
        switch verdict {
        case .yes: publish(entry, query, isNew: known == nil)
        case .no: break
        case .tooLarge:
            statistics.oversized &+= 1
            // The former entry is older than what the database has just answered.
            forgetVictims()
            if let known { drop(known) }
            enforceBudget()
        }
        return (entry, flight)
    }

    /// Ends a query without an answer. Returns the flight that has to be ended, if there is one.
    mutating func fail(_ query: InflightQueryPointer, _ now: UInt64?) -> Cache.Flight? {
        if query.pointee.isTaken { return nil }
        let flight = take(query)
        if let now, let known = find(query.pointee.key, query.pointee.keyHash) {
            let backoff = min(MonotonicTime.second << UInt64(min(known.pointee.failures, 8)), CacheLimit.longestBackoff)
            known.pointee.failures = min(known.pointee.failures, 8) + 1
            known.postponeRefresh(to: now &+ backoff)
        }
        return flight
    }

    /// Keeps other callers from joining a query that none waits for. Returns false if one waits.
    mutating func detachIfUnshared(_ query: InflightQueryPointer) -> Bool {
        if let flight = query.pointee.flight, flight.following.load(ordering: .relaxed) > 0 { return false }
        flights.remove(query)
        return true
    }

    mutating func close() -> [Cache.Flight] {
        isClosed = true
        var waiting: [Cache.Flight] = []
        flights.removeAll { query in
            query.pointee.isTaken = true
            if let flight = query.pointee.flight { waiting.append(flight) }
            query.pointee.flight = nil
        }
        for number in (0..<eviction.span).reversed() {
            if number < eviction.span, let entry = eviction.entry(number) { drop(entry) }
        }
        reclaim()
        return waiting
    }

    /// Makes the caller end the query, unless another one does. No caller joins it from now on. Returns the flight of those who joined.
    private mutating func take(_ query: InflightQueryPointer) -> Cache.Flight? {
        if query.pointee.isTaken { return nil }
        query.pointee.isTaken = true
        flights.remove(query)
        defer { query.pointee.flight = nil }
        return query.pointee.flight
    }

    /// Makes the entry. It takes over the text of the entry that it replaces, so that known texts stay known.
    private func make(_ query: InflightQueryPointer, _ tags: [Cache.Tag], _ answer: Cache.Answer, _ known: EntryPointer?) -> EntryPointer {
        let entry = Entry.make(
            answer: answer, text: known?.text ?? query.pointee.text, key: query.pointee.key,
            windows: known?.pointee.lookupHeader.windows ?? query.pointee.windows,
            tags: tags, loadedAt: query.pointee.loadedAt, readVersion: query.pointee.readVersion)
        entry.raiseMaxAge(to: max(query.pointee.maxAge, known?.maxAge ?? 0))
        return entry
    }

    private enum Verdict { case yes, no, tooLarge }

    private mutating func mayKeep(
        _ entry: EntryPointer, _ cost: Int, _ query: InflightQueryPointer, _ tags: [Cache.Tag], _ known: EntryPointer?
    ) -> Verdict {
        if isClosed || query.pointee.maxAge == 0 || tags.count > CacheLimit.tags || isSuspended(tags) { return .no }
        // The fence: what was invalidated while the query ran may have been read earlier.
        if invalidations.areInvalidated(tags, after: query.pointee.readVersion) {
            statistics.fenced &+= 1
            return .no
        }
        // A query that began later has already answered.
        if let known, (known.pointee.readVersion, known.pointee.loadedAt) > (query.pointee.readVersion, Entry.rounded(query.pointee.loadedAt)) { return .no }
        let isWhole = !entry.pointee.isDetached && query.pointee.key.count <= Entry.longestPart
        return isWhole && cost <= maxEntryBytes ? .yes : .tooLarge
    }

    /// Gives an entry its place among the others, and chooses the victims. The entry may be one of them.
    private mutating func admit(_ entry: EntryPointer, _ cost: Int, replacing known: EntryPointer?, _ keyHash: UInt64) {
        forgetVictims()
        entry.shareWithStore()
        entry.pointee.isPublished = true
        statistics.insertions &+= 1
        if let known {
            replace(known, by: entry, keyHash: keyHash)
        } else {
            eviction.recordInsertion(keyHash: keyHash, cost: cost)
            eviction.insert(entry, keyHash: keyHash, cost: cost)
        }
        chooseVictims()
    }

    /// Makes an admitted entry findable. A new one has the text of its request.
    private mutating func publish(_ entry: EntryPointer, _ query: InflightQueryPointer, isNew: Bool) {
        // Why even if it does not stay: tables may have grown for it.
        guard entry.pointee.isPublished else { return enforceBudget() }
        let isFindable =
            keys.insert(entry.id, hash: query.pointee.keyHash)
            && (entry.text.isEmpty || texts.insert(entry.id, hash: isNew ? query.pointee.textHash : Hash.of(entry.text, seed: seed)))
        if !isFindable { drop(entry) }
        if isNew { enforceBudget() } else { remember(query.pointee.text, query.pointee.windows, entry) }
    }

    /// Makes everything that led to the old entry lead to the new one.
    private mutating func replace(_ known: EntryPointer, by entry: EntryPointer, keyHash: UInt64) {
        if known.aliases != nil, entry.makeExtension() == nil { forgetAliases(of: known) }
        entry.set(aliases: known.aliases)
        known.set(aliases: nil)
        var alias = entry.aliases
        while let one = alias {
            one.pointee.entry.store(UInt(bitPattern: entry), ordering: .releasing)
            alias = one.pointee.next
        }
        eviction.replace(known, by: entry)
        retire(pendingRemoval(known, keyHash: keyHash, cost: known.cost))
    }
}
