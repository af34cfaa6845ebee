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
        let known = flight.key.withUnsafeBytes { find($0, flight.keyHash) }
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
        if let now, let known = flight.key.withUnsafeBytes({ find($0, flight.keyHash) }) {
            let backoff = min(Clock.second << UInt64(min(known.pointee.failures, 8)), Self.longestBackoff)
            known.pointee.failures = min(known.pointee.failures, 8) + 1
            known.pointee.refresh.store(now &+ backoff, ordering: .relaxed)
        }
        return true
    }

    mutating func close() -> [Cache.Flight] {
        isClosed = true
        let running = flights.removeAll()
        for flight in running { flight.isOver = true }
        while let entry = eviction.entries.last { drop(entry) }
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
        let life = max(flight.life, known?.pointee.life ?? 0)
        return flight.key.withUnsafeBytes { key in
            if let known {
                return Entry.make(
                    answer: answer, text: known.text, key: key, windows: known.pointee.way.windows, tags: flight.tags,
                    born: flight.born, stamp: flight.stamp, life: life)
            }
            return flight.text.withUnsafeBytes { text in
                Entry.make(
                    answer: answer, text: text, key: key, windows: flight.windows, tags: flight.tags, born: flight.born,
                    stamp: flight.stamp, life: life)
            }
        }
    }

    private enum Verdict { case yes, no, tooLarge }

    private mutating func mayKeep(_ entry: EntryPointer, _ flight: Cache.Flight, _ known: EntryPointer?) -> Verdict {
        if isClosed || flight.life == 0 || flight.tags.count > Self.maxTags { return .no }
        // The fence: what was invalidated while the query ran may have been read before.
        if invalidations.hit(flight.tags, after: flight.stamp) {
            statistics.fenced &+= 1
            return .no
        }
        // A query that began later has already answered.
        if let known, (known.pointee.stamp, known.pointee.born) > (flight.stamp, flight.born) { return .no }
        return Entry.cost(of: entry) <= maxEntryBytes ? .yes : .tooLarge
    }

    private mutating func publish(_ entry: EntryPointer, replacing known: EntryPointer?, _ flight: Cache.Flight) {
        let cost = Entry.cost(of: entry)
        guard makeRoom(cost) else { return }
        let textHash = Hash.of(entry.text, seed: seed)
        Block.retain(UInt(bitPattern: entry))
        if let known, known.pointee.isPublished {
            replace(known, by: entry)
        } else {
            eviction.insert(entry)
        }
        entry.pointee.isPublished = true
        liveBytes += cost
        statistics.insertions &+= 1
        let isFindable = keys.insert(UInt(bitPattern: entry), hash: flight.keyHash)
            && (entry.text.isEmpty || texts.insert(UInt(bitPattern: entry), hash: textHash))
        if !isFindable { return drop(entry) }
        flight.text.withUnsafeBytes { remember($0, flight.windows, entry) }
    }

    /// Everything that led to the old entry leads to the new one.
    private mutating func replace(_ known: EntryPointer, by entry: EntryPointer) {
        entry.pointee.aliases = known.pointee.aliases
        known.pointee.aliases = nil
        var alias = entry.pointee.aliases
        while let one = alias {
            one.pointee.entry.store(UInt(bitPattern: entry), ordering: .sequentiallyConsistent)
            alias = one.pointee.next
        }
        eviction.replace(known, by: entry)
        retire(known)
    }

    // MARK: Going

    /// Takes an entry out of everything.
    mutating func drop(_ entry: EntryPointer) {
        while let alias = entry.pointee.aliases {
            entry.pointee.aliases = alias.pointee.next
            retire(alias)
        }
        eviction.remove(entry)
        retire(entry)
    }

    private mutating func retire(_ entry: EntryPointer) {
        let address = UInt(bitPattern: entry)
        let cost = Entry.cost(of: entry)
        keys.remove(address, hash: Hash.of(entry.key, seed: seed))
        if !entry.text.isEmpty { texts.remove(address, hash: Hash.of(entry.text, seed: seed)) }
        entry.pointee.isPublished = false
        liveBytes -= cost
        reclaimer.retire(address, cost: cost)
    }

    /// Bytes of everything but entries.
    private var tableBytes: Int { texts.size + keys.size + eviction.size + invalidations.size }

    var bytes: Int { liveBytes + tableBytes + reclaimer.bytes }

    /// Evicts until `cost` more bytes fit; false when they never will.
    @discardableResult
    mutating func makeRoom(_ cost: Int) -> Bool {
        while liveBytes + tableBytes + cost + maxBytes / 64 > maxBytes {
            guard let victim = eviction.victim() else { break }
            drop(victim)
            statistics.evictions &+= 1
            if reclaimer.isFull || reclaimer.bytes > maxBytes / 64 { reclaimer.reclaim() }
        }
        if bytes + cost > maxBytes { reclaimer.reclaim() }
        return bytes + cost <= maxBytes
    }
}
