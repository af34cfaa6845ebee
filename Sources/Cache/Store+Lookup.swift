import CLinux
import Synchronization

extension Store {
    /// What `Cache.lookup` returns, without what has to be made outside the lock. The entry comes with a reference.
    enum Outcome: @unchecked Sendable {
        // Sendable because the reference that comes with an entry keeps it.
        case hit(EntryPointer, Cache.Status, mustRefresh: Bool)
        case lead(Cache.Flight)
        case join(Cache.Flight)
    }

    /// What an answer is wanted for.
    enum Purpose {
        case answer
        /// To replace a stale one, which is not good enough. Nobody waits for it.
        case refresh
    }

    mutating func lookup(_ read: Cache.Read, _ purpose: Purpose, _ now: UInt64) -> Outcome {
        let hash = Hash.of(read.key, seed: seed)
        // Why now: all that a miss will read loads while the other hash is made.
        keys.view.prefetch(hash)
        eviction.prefetch(keyHash: hash)
        let textHash = Hash.of(read.text, seed: seed)
        texts.view.prefetch(textHash)
        var entry = find(read.key, hash)
        if let useless = entry, isUseless(useless, now) {
            // Why now: what comes next has nothing to do with it, neither with its tags nor with the texts that led to it.
            drop(useless)
            statistics.expirations &+= 1
            entry = nil
        }
        if let entry, !isSuspended(read.strategy.tags), let hit = hit(entry, hash, read, purpose, now) { return hit }
        if purpose == .answer { statistics.misses &+= 1 }
        if let flight = flights.find(read.key, hash), mayJoin(flight, read.strategy.tags) {
            flight.add(read.strategy.tags)
            flight.life = max(flight.life, read.strategy.life)
            if purpose == .answer {
                flight.isJoined = true
                flight.following.add(1, ordering: .relaxed)
                statistics.joins &+= 1
            }
            return .join(flight)
        }
        let flight = Cache.Flight(
            key: read.key, text: read.text, windows: Windows(ttl: read.strategy.ttl, swr: read.strategy.swr), life: read.strategy.life,
            tags: read.strategy.tags, keyHash: hash, textHash: textHash, stamp: invalidations.sequence, now: now)
        if let entry {
            // Why: every text that leads to the entry will lead to the answer, so the tags of them all count.
            flight.add(entry.tags)
            entry.postponeRefresh(to: now &+ Self.refreshLease)
        }
        if !isClosed { flights.insert(flight) }
        return .lead(flight)
    }

    private mutating func hit(
        _ entry: EntryPointer, _ hash: UInt64, _ read: Cache.Read, _ purpose: Purpose, _ now: UInt64
    ) -> Outcome? {
        let strategy = read.strategy
        let windows = Windows(ttl: strategy.ttl, swr: strategy.swr)
        guard let status = windows.judge(born: entry.pointee.born, now: now), status == .fresh || purpose == .answer,
            invalidations.spare(entry), !invalidations.hit(strategy.tags, after: entry.pointee.stamp)
        else { return nil }
        flights.find(read.key, hash)?.add(strategy.tags)
        guard add(strategy.tags, to: entry) else {
            drop(entry)
            return nil
        }
        // Why first: what is added may take so much room that this very entry goes.
        Block.retain(UInt(bitPattern: entry))
        change(entry) { $0.prolong(to: strategy.life) }
        remember(read.text, windows, entry)
        if purpose == .answer {
            if status == .fresh { statistics.hits &+= 1 } else { statistics.staleHits &+= 1 }
        }
        return .hit(entry, status, mustRefresh: status == .stale && entry.claimRefresh(now))
    }

    /// What `Cache.fallback` gives, with a reference.
    mutating func fallback(_ read: Cache.Read, _ now: UInt64) -> EntryPointer? {
        let windows = Windows(ttl: read.strategy.life, swr: 0)
        guard read.strategy.staleIfError > 0, let entry = find(read.key, Hash.of(read.key, seed: seed)),
            windows.judge(born: entry.pointee.born, now: now) != nil, invalidations.spare(entry),
            !invalidations.hit(read.strategy.tags, after: entry.pointee.stamp)
        else { return nil }
        Block.retain(UInt(bitPattern: entry))
        statistics.fallbacks &+= 1
        return entry
    }

    /// A read that starts now sees every invalidation before now, so it may not wait for a query that began before one of
    /// them, if that concerns the query's tags or its own.
    private func mayJoin(_ flight: Cache.Flight, _ tags: [Cache.Tag]) -> Bool {
        !invalidations.hit(flight.tags, after: flight.stamp) && !invalidations.hit(tags, after: flight.stamp)
    }

    func find(_ key: UnsafeRawBufferPointer, _ hash: UInt64) -> EntryPointer? {
        var probe = keys.view.probe(hash)
        while let slot = probe.next() {
            let block = chunks.address(slot.pointee.load(ordering: .relaxed))
            if let entry = block?.assumingMemoryBound(to: Entry.self), Bytes.areEqual(entry.key, key) { return entry }
        }
        return nil
    }

    /// Adds tags; false when the entry has gathered too many, or for want of memory.
    private mutating func add(_ tags: [Cache.Tag], to entry: EntryPointer) -> Bool {
        let added = tags.filter { tag in !entry.hasTag { $0 == tag } }
        if added.isEmpty { return true }
        guard entry.tags.count + added.count <= Self.maxTags else { return false }
        var isAdded = false
        change(entry) { isAdded = $0.add(tags: added) }
        return isAdded
    }

    /// Changes what an entry has beside its block, and the account of its bytes. `settle` has to follow.
    private mutating func change(_ entry: EntryPointer, _ body: (EntryPointer) -> Void) {
        let old = entry.cost
        body(entry)
        if entry.cost != old { eviction.grow(entry, by: entry.cost - old) }
    }

    /// Makes room for what has been added, and remembers a text as another way to the entry. Both may cost the very entry, of which
    /// the caller has a reference.
    mutating func remember(_ text: UnsafeRawBufferPointer, _ windows: Windows, _ entry: EntryPointer) {
        settle()
        if text.isEmpty || !entry.pointee.isPublished || leads(text, to: entry) { return }
        if entry.aliasCount == Self.maxAliases { forgetOldestAlias(of: entry) }
        guard let alias = Alias.make(text: text, windows: windows, entry: entry) else { return }
        let cost = alias.cost
        aliasBytes += cost
        change(entry) { $0.makeExtras() }
        settle()
        guard cost <= maxEntryBytes, entry.pointee.isPublished, entry.extras != nil,
            texts.insert(alias.name, hash: Hash.of(text, seed: seed))
        else {
            aliasBytes -= cost
            return Arena.free(alias)
        }
        alias.pointee.next = entry.aliases
        entry.set(aliases: alias)
    }

    private mutating func forgetOldestAlias(of entry: EntryPointer) {
        guard let newest = entry.aliases else { return }
        var oldest = newest
        var before: AliasPointer?
        while let next = oldest.pointee.next { (before, oldest) = (oldest, next) }
        if let before { before.pointee.next = nil } else { entry.set(aliases: nil) }
        retire(oldest)
    }

    mutating func retire(_ alias: AliasPointer) {
        let cost = alias.cost
        texts.remove(alias.name, hash: Hash.of(alias.text, seed: seed))
        alias.pointee.entry.store(0, ordering: .relaxed)
        aliasBytes -= cost
        reclaimer.retire(alias.address, cost: cost)
    }

    private func leads(_ text: UnsafeRawBufferPointer, to entry: EntryPointer) -> Bool {
        if Bytes.areEqual(text, entry.text) { return true }
        var alias = entry.aliases
        while let known = alias {
            if Bytes.areEqual(text, known.text) { return true }
            alias = known.pointee.next
        }
        return false
    }
}
