import CLinux
import Synchronization

extension Store {
    /// The result of `Cache.lookup`, without what has to be made outside the lock. An entry comes with a reference.
    enum Outcome: @unchecked Sendable {
        // Sendable because an entry's reference keeps it alive.
        case hit(EntryPointer, Cache.Status, mustRefresh: Bool)
        case lead(InflightQueryPointer)
        case join(Cache.Flight)
    }

    /// - Parameter isCounted: false for a request that was looked up before.
    mutating func lookup(_ read: borrowing Cache.Read, _ now: UInt64, isCounted: Bool) -> Outcome {
        let (hash, textHash) = hashes(of: read)
        let entry = findUseful(read.key, hash, now)
        if let entry, !isSuspended(read.strategy.tags), let outcome = hit(entry, hash, read, allowsStale: true, now) {
            if isCounted { count(outcome) }
            return outcome
        }
        let query = joinable(read, hash)
        let outcome: Outcome = query.map { .join($0.join()) } ?? .lead(begin(read, hash, textHash, replacing: entry, now))
        if isCounted { count(outcome) }
        return outcome
    }

    private mutating func count(_ outcome: Outcome) {
        switch outcome {
        case .hit(_, .stale, _): statistics.staleHits &+= 1
        case .hit: statistics.hits &+= 1
        case .lead: statistics.misses &+= 1
        case .join:
            statistics.misses &+= 1
            statistics.joins &+= 1
        }
    }

    /// Returns the query whose answer will replace a stale one, and that no caller waits for.
    ///
    /// Nil if the answer is fresh, or if the query runs already.
    mutating func refresh(_ read: borrowing Cache.Read, _ now: UInt64) -> InflightQueryPointer? {
        let (hash, textHash) = hashes(of: read)
        let entry = findUseful(read.key, hash, now)
        if let entry, !isSuspended(read.strategy.tags), case .hit(let fresh, _, _)? = hit(entry, hash, read, allowsStale: false, now) {
            BlockHeader.release(UInt(bitPattern: fresh))
            return nil
        }
        return joinable(read, hash) == nil ? begin(read, hash, textHash, replacing: entry, now) : nil
    }

    /// Returns the hashes of key and text, and starts to load everything that a miss reads.
    private func hashes(of read: borrowing Cache.Read) -> (key: UInt64, text: UInt64) {
        let hash = Hash.of(read.key, seed: seed)
        // Why now: it loads while the other hash is computed.
        keys.view.prefetch(hash)
        eviction.prefetch(keyHash: hash)
        let textHash = Hash.of(read.text, seed: seed)
        texts.view.prefetch(textHash)
        return (hash, textHash)
    }

    /// Returns the entry of a key. An entry that no request can use any more is dropped.
    private mutating func findUseful(_ key: UnsafeRawBufferPointer, _ hash: UInt64, _ now: UInt64) -> EntryPointer? {
        guard let entry = find(key, hash) else { return nil }
        guard isUseless(entry, now) else { return entry }
        // Why now: what follows does not depend on it, neither on its tags nor on the texts that led to it.
        drop(entry)
        enforceBudget()
        statistics.expirations &+= 1
        return nil
    }

    /// Returns the running query whose answer a read may use. The query takes over the read's tags and its `maxAge`.
    ///
    /// A read that starts now must see every earlier invalidation. It may not wait for a query that began before one that concerns the query's
    /// tags or its own.
    private func joinable(_ read: borrowing Cache.Read, _ hash: UInt64) -> InflightQueryPointer? {
        guard let query = flights.find(read.key, hash), !invalidations.areInvalidated(query.pointee.tags, after: query.pointee.readVersion),
            !invalidations.areInvalidated(read.strategy.tags, after: query.pointee.readVersion),
            !isTiered || read.strategy.tags.allSatisfy({ query.pointee.tags.contains($0) })
        else { return nil }
        query.add(read.strategy.tags)
        query.pointee.maxAge = max(query.pointee.maxAge, read.strategy.maxAge)
        return query
    }

    /// Begins a query that others may join.
    private mutating func begin(
        _ read: borrowing Cache.Read, _ hash: UInt64, _ textHash: UInt64, replacing entry: EntryPointer?, _ now: UInt64
    ) -> InflightQueryPointer {
        let query = InflightQueryPointer.make(read, keyHash: hash, textHash: textHash, readVersion: invalidations.currentVersion, now: now)
        if let entry {
            // Why: every text that leads to the entry will lead to the answer, so all their tags count.
            query.add(entry.tags)
            entry.postponeRefresh(to: now &+ CacheLimit.refreshLease)
        }
        if !isClosed { flights.insert(query) }
        return query
    }

    /// Returns an existing answer with a reference. Nil if it does not satisfy the request.
    private mutating func hit(
        _ entry: EntryPointer, _ hash: UInt64, _ read: borrowing Cache.Read, allowsStale: Bool, _ now: UInt64
    ) -> Outcome? {
        let strategy = read.strategy
        let windows = Windows(ttl: strategy.ttl, swr: strategy.swr)
        guard let status = windows.freshness(loadedAt: entry.pointee.loadedAt, now: now), status == .fresh || allowsStale,
            invalidations.isValid(entry), !invalidations.areInvalidated(strategy.tags, after: entry.pointee.readVersion),
            isJudged(entry, by: strategy.tags)
        else { return nil }
        if !isTiered { flights.find(read.key, hash)?.add(strategy.tags) }
        guard add(strategy.tags, to: entry) else {
            // Its memory stays for now, because the caller still needs its tags.
            drop(entry)
            return nil
        }
        // Why first: the additions may take so much room that this entry is evicted.
        BlockHeader.retain(UInt(bitPattern: entry))
        change(entry) { $0.raiseMaxAge(to: strategy.maxAge) }
        remember(read.text, windows, entry)
        return .hit(entry, status, mustRefresh: status == .stale && entry.claimRefresh(now))
    }

    /// Returns true if the entry's tags suffice to judge it.
    ///
    /// An answer from a second tier may be older than its number here. For a tag that it does not have, invalidations since then are unknown.
    private func isJudged(_ entry: EntryPointer, by tags: [Cache.Tag]) -> Bool {
        !isTiered || tags.allSatisfy { tag in entry.hasTag { $0 == tag } }
    }

    /// Returns the entry of `Cache.fallback` with a reference.
    mutating func fallback(_ read: borrowing Cache.Read, _ now: UInt64) -> EntryPointer? {
        let windows = Windows(ttl: read.strategy.maxAge, swr: 0)
        guard read.strategy.staleIfError > 0, let entry = find(read.key, Hash.of(read.key, seed: seed)),
            windows.freshness(loadedAt: entry.pointee.loadedAt, now: now) != nil, invalidations.isValid(entry),
            !invalidations.areInvalidated(read.strategy.tags, after: entry.pointee.readVersion), isJudged(entry, by: read.strategy.tags)
        else { return nil }
        BlockHeader.retain(UInt(bitPattern: entry))
        statistics.fallbacks &+= 1
        return entry
    }

    /// Returns the entry of a key, unless it is a victim.
    func find(_ key: UnsafeRawBufferPointer, _ hash: UInt64) -> EntryPointer? {
        keys.view.first(hash) { slot in
            let block = chunks.address(slot.pointee.load(ordering: .relaxed))
            guard let entry = block?.assumingMemoryBound(to: Entry.self), Bytes.areEqual(entry.key, key) else { return nil }
            return entry.pointee.isPublished ? entry : nil
        }
    }

    /// Adds tags. Returns false if the entry has too many, or if there is no memory.
    private mutating func add(_ tags: [Cache.Tag], to entry: EntryPointer) -> Bool {
        let added = tags.filter { tag in !entry.hasTag { $0 == tag } }
        if added.isEmpty { return true }
        guard entry.tags.count + added.count <= CacheLimit.tags else { return false }
        var isAdded = false
        change(entry) { isAdded = $0.add(tags: added) }
        return isAdded
    }

    /// Adds tags to the answer to a key: the one that is there, and the one that is on its way. An answer that cannot take them is dropped.
    ///
    /// With a second tier it cannot, because the tier was not asked about them. The one on its way has all tags of those who wait for it then.
    mutating func add(_ tags: [Cache.Tag], to key: UnsafeRawBufferPointer) {
        let hash = Hash.of(key, seed: seed)
        if !isTiered { flights.find(key, hash)?.add(tags) }
        if let entry = find(key, hash), isTiered || !add(tags, to: entry) { drop(entry) }
        enforceBudget()
    }

    /// Changes an entry's parts outside its block, and the account of its bytes. The caller has to call `enforceBudget`.
    private mutating func change(_ entry: EntryPointer, _ body: (EntryPointer) -> Void) {
        let old = entry.cost
        body(entry)
        if entry.cost != old { eviction.grow(entry, by: entry.cost - old) }
    }

    /// Makes room for what was added, and remembers a text as another way to the entry.
    ///
    /// Both may evict the entry itself, of which the caller has a reference.
    mutating func remember(_ text: UnsafeRawBufferPointer, _ windows: Windows, _ entry: EntryPointer) {
        enforceBudget()
        if text.isEmpty || !entry.pointee.isPublished || leads(text, to: entry) { return }
        if entry.aliasCount == CacheLimit.aliases { forgetOldestAlias(of: entry) }
        guard let alias = TextAlias.make(text: text, windows: windows, entry: entry) else { return }
        let cost = alias.cost
        aliasBytes += cost
        change(entry) { $0.makeExtension() }
        enforceBudget()
        guard cost <= maxEntryBytes, entry.pointee.isPublished, entry.extensionBlock != nil,
            texts.insert(alias.id, hash: Hash.of(text, seed: seed))
        else {
            aliasBytes -= cost
            return Arena.free(alias)
        }
        alias.pointee.next = entry.aliases
        entry.set(aliases: alias)
        // Why again: the index may have grown for the text.
        enforceBudget()
    }

    private mutating func forgetOldestAlias(of entry: EntryPointer) {
        guard let newest = entry.aliases else { return }
        var oldest = newest
        var before: TextAliasPointer?
        while let next = oldest.pointee.next { (before, oldest) = (oldest, next) }
        if let before { before.pointee.next = nil } else { entry.set(aliases: nil) }
        retire(oldest)
    }

    mutating func retire(_ alias: TextAliasPointer) {
        let cost = alias.cost
        texts.remove(alias.id, hash: Hash.of(alias.text, seed: seed))
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
