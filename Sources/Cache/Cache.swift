import CLinux
import Concurrency
import Synchronization

/// Keeps answers in memory. They are found by the text of a request or by its key; the cache knows only bytes and times.
///
/// - `hit` answers a text that was seen before. It takes no lock, allocates nothing and writes no memory that other threads read.
/// - `lookup` answers a key, or makes the caller lead the query or wait for the running one.
/// - `invalidate` drops everything that was read earlier, by tags or all.
///
/// Any thread may call any method. Callers pass the time in monotonic nanoseconds, which must never decrease by much.
package final class Cache: @unchecked Sendable {
    // Sendable because the parts that are read without the lock are atomic and live as long as the cache. Everything else
    // is in the mutex.
    package struct Configuration: Sendable {
        /// Bytes for answers and for everything that is kept about them. At most `Arena.mostBytes`.
        package var maxBytes: Int
        /// A larger answer is returned but not kept.
        package var maxEntryBytes: Int
        /// Makes hashes predictable, for tests.
        package var seed: UInt64?
        /// True if answers may come from a second tier, and may therefore be old. A read then shares only a query that has all of its tags.
        package var isTiered = false

        package init(maxBytes: Int = 64 << 20, maxEntryBytes: Int? = nil, seed: UInt64? = nil) {
            self.maxBytes = min(max(maxBytes, 0), Arena.mostBytes)
            self.maxEntryBytes = min(maxEntryBytes ?? self.maxBytes / 8, self.maxBytes)
            self.seed = seed
        }
    }

    /// A request for the cache.
    package struct Read: ~Copyable {
        /// Bytes that are equal for equivalent requests.
        package let key: UnsafeRawBufferPointer
        /// The request's text. Empty if it is not to be remembered.
        package let text: UnsafeRawBufferPointer
        package let strategy: Strategy

        package init(key: UnsafeRawBufferPointer, text: UnsafeRawBufferPointer, strategy: Strategy) {
            self.key = key
            self.text = text.count <= Entry.longestPart ? text : UnsafeRawBufferPointer(start: nil, count: 0)
            self.strategy = strategy
        }
    }

    package enum Outcome: Sendable {
        case hit(Hit)
        /// The caller has to run the query.
        case lead(FlightLeader)
        /// Another caller runs it.
        case join(Flight)
    }

    private let seed: UInt64
    private let texts: IndexView
    private let chunks = Arena.table
    private let invalidations: Invalidations
    private let publishedState = PublishedState()
    private let accessBuffer = AccessBuffer()
    private let counters = StripedCounters()
    private let barrier = Barrier.shared
    let store: Lock<Store>

    package init(_ configuration: Configuration = Configuration()) {
        var seed = configuration.seed ?? 0
        if configuration.seed == nil { getrandom(&seed, MemoryLayout<UInt64>.size, 0) }
        let store = Store(configuration, seed: seed, publishedState: publishedState, accessBuffer: accessBuffer)
        self.seed = seed
        texts = store.texts.view
        invalidations = store.invalidations
        self.store = Lock(store)
    }

    deinit {
        close(LeaderGone())
        store.withLock { $0.deallocate() }
        counters.deallocate()
        accessBuffer.deallocate()
        publishedState.deallocate()
    }

    // MARK: Reading

    /// Returns the answer to a text that has led to it before, judged by the windows of that text. Nil if there is none.
    package func hit(text: UnsafeRawBufferPointer, now: UInt64) -> Hit? {
        guard let base = text.baseAddress, text.count > 0 else { return nil }
        let hash = Hash.of(base, text.count, seed: seed)
        let pinCache = PinCache.current
        var pin = pinCache.take()
        guard var address = pinFirst(found: text, hash, pin) ?? pinAny(found: text, hash, pin) else {
            pin.release()
            return nil
        }
        let lookupHeader = BlockHeader.lookupHeader(address)
        if lookupHeader.isAlias {
            pin = pin.resolveAlias(barrier)
            address = pin.held
        }
        guard let entry = EntryPointer(bitPattern: address),
            let status = lookupHeader.windows.freshness(loadedAt: entry.pointee.loadedAt, now: now), invalidations.isValid(entry)
        else {
            pin.release()
            return nil
        }
        let policyClock = publishedState.policyClock
        if EntryItem(entry: entry).accessRecord.tick != policyClock.tick { use(entry, policyClock, pinCache) }
        if status == .fresh {
            counters.add(.hits, stripe: pinCache.stripe)
            return Hit(pin: pin, status: .fresh)
        }
        counters.add(.staleHits, stripe: pinCache.stripe)
        return Hit(pin: pin, status: .stale, mustRefresh: entry.claimRefresh(now))
    }

    /// Protects the first block that may have this text, if it has.
    ///
    /// Why a function of its own: the first block nearly always has the text. Without state for a second one it stays small.
    @inline(__always)
    private func pinFirst(found text: UnsafeRawBufferPointer, _ hash: UInt64, _ pin: Pin) -> UInt? {
        let bucket = texts.home(of: hash)
        var matches = bucket.matches(hash)
        return matches.isEmpty ? nil : protectIfMatching(bucket.slot(matches.popFirst()), text, pin)
    }

    /// Finds the block with this text and protects it.
    @inline(never)
    private func pinAny(found text: UnsafeRawBufferPointer, _ hash: UInt64, _ pin: Pin) -> UInt? {
        texts.first(hash) { protectIfMatching($0, text, pin) }
    }

    /// Protects the block of a slot, if it has this text.
    @inline(__always)
    private func protectIfMatching(_ slot: Bucket.Slot, _ text: UnsafeRawBufferPointer, _ pin: Pin) -> UInt? {
        let id = slot.pointee.load(ordering: .acquiring)
        if id == 0 { return nil }
        let address = chunks.anyAddress(id)
        BlockHeader.prefetch(address)
        pin.protect(address, barrier)
        if slot.pointee.load(ordering: .acquiring) == id, Bytes.areEqual(BlockHeader.text(address), text) { return address }
        pin.unpin()
        return nil
    }

    /// Counts a use of an entry: the first one in this tick.
    @inline(never)
    private func use(_ entry: EntryPointer, _ policyClock: PublishedState.PolicyClock, _ pinCache: PinCache) {
        let item = EntryItem(entry: entry)
        item.accessRecord = item.accessRecord.afterUse(at: policyClock.tick, decay: policyClock.decay)
        let keyHash = Hash.of(entry.key, seed: seed)
        if PolicyTuner.isSampled(keyHash, publishedState.sampleMask) { accessBuffer.add(keyHash, size: item.size, stripe: pinCache.stripe) }
    }

    /// Returns the answer to a key, or what the caller has to do to get it.
    /// - Parameter isCounted: false for a request that was looked up before, so that the statistics count each request once.
    package func lookup(_ read: borrowing Read, now: UInt64, isCounted: Bool = true) -> Outcome {
        let outcome = store.withLock { $0.lookup(read, now, isCounted: isCounted) }
        switch outcome {
        case .hit(let entry, let status, let mustRefresh):
            let pin = Pin(owning: entry)
            let policyClock = publishedState.policyClock
            if EntryItem(entry: entry).accessRecord.tick != policyClock.tick { use(entry, policyClock, PinCache.current) }
            return .hit(Hit(pin: pin, status: status, mustRefresh: mustRefresh))
        case .lead(let query): return .lead(FlightLeader(self, query))
        case .join(let flight): return .join(flight)
        }
    }

    /// Adds tags to the answer that a lookup has led to.
    package func add(_ tags: [Tag], to outcome: Outcome, of read: borrowing Read) {
        if case .lead(let lead) = outcome { return lead.add(tags: tags) }
        store.withLock { $0.add(tags, to: read.key) }
    }

    /// Returns the duty to refresh a stale answer, as `mustRefresh` asked. Nil if it is fresh again or another caller refreshes it.
    package func refresh(_ read: borrowing Read, now: UInt64) -> FlightLeader? {
        store.withLock { $0.refresh(read, now) }.map { FlightLeader(self, $0) }
    }

    /// Reports that a refresh for `mustRefresh` could not be started. It is asked for again after a second at the earliest.
    package func postponeRefresh(_ pin: Pin, now: UInt64) {
        pin.entry?.postponeRefresh(to: now &+ MonotonicTime.second)
    }

    // MARK: Flights

    func complete(_ query: InflightQueryPointer, _ answer: Answer, now: UInt64) -> Hit {
        let (entry, flight) = store.withLock { $0.complete(query, answer, now) }
        flight?.end(.success(entry))
        return Hit(owning: entry)
    }

    /// Like `complete`, for an answer that was read `age` nanoseconds ago.
    ///
    /// Waiting callers do not get it, because their windows may differ. Each of them looks again.
    func complete(_ query: InflightQueryPointer, _ answer: Answer, age: UInt64, now: UInt64, claimsRefresh: Bool) -> Hit {
        let windows = query.pointee.windows
        let (entry, flight) = store.withLock { $0.complete(query, answer, age: age, now) }
        flight?.end(.failure(LookAgain()))
        let status = windows.freshness(loadedAt: entry.pointee.loadedAt, now: now) ?? .stale
        return Hit(pin: Pin(owning: entry), status: status, mustRefresh: status == .stale && claimsRefresh && entry.claimRefresh(now))
    }

    func tags(of query: InflightQueryPointer) -> [Tag] { store.withLock { _ in query.pointee.tags } }
    func add(_ tags: [Tag], to query: InflightQueryPointer) { store.withLock { _ in query.add(tags) } }

    func fail(_ query: InflightQueryPointer, _ error: any Error, now: UInt64?) {
        let flight = store.withLock { $0.fail(query, now) }
        flight?.end(.failure(error))
    }

    /// Returns an answer that may replace an error: not invalidated, and young enough for the request's `staleIfError`. Nil if there is none.
    package func fallback(_ read: borrowing Read, now: UInt64) -> Pin? {
        store.withLock { $0.fallback(read, now) }.map { Pin(owning: $0) }
    }

    func detachIfUnshared(_ query: InflightQueryPointer) -> Bool { store.withLock { $0.detachIfUnshared(query) } }

    // MARK: Invalidating

    /// Drops everything with one of the tags for every later read. Takes the same time for one entry and a million.
    /// - Parameter isCounted: true if the statistics count it as a call of `invalidate`.
    package func invalidate(tags: [Tag], isCounted: Bool = true) { store.withLock { $0.invalidate(tags, isCounted: isCounted) } }

    /// Drops everything for every later read.
    /// - Parameter isCounted: true if the statistics count it as a call of `invalidateAll`.
    package func invalidateAll(isCounted: Bool = true) { store.withLock { $0.invalidateAll(isCounted: isCounted) } }

    /// Frees memory: examines up to `limit` entries and drops those that are invalidated or too old for every request.
    ///
    /// Returns true if there is more to do at once. A background thread calls it a few times a second.
    package func sweep(limit: Int = 1000, now: UInt64) -> Bool {
        let uses = counters.total(.hits) &+ counters.total(.staleHits)
        var left = limit
        var hasSurplus = false
        var isMore = true
        repeat {
            (isMore, hasSurplus) = store.withLock { ($0.sweep(min(left, CacheLimit.portion), now, totalUses: uses), $0.sweeping.takeSurplus()) }
            left -= CacheLimit.portion
        } while isMore && left > 0
        // Why not under the lock: it may take milliseconds. Why not always: no thread of the process can allocate meanwhile.
        if hasSurplus { malloc_trim(0) }
        return isMore
    }

    /// Ends all flights with `error` and frees everything that no pin holds. Later lookups lead, and nothing is kept.
    package func close(_ error: any Error) {
        for flight in store.withLock({ $0.close() }) { flight.end(.failure(error)) }
    }

    // MARK: Watching

    package func statistics() -> Statistics {
        var statistics = store.withLock { $0.snapshot }
        statistics.hits &+= counters.total(.hits)
        statistics.staleHits &+= counters.total(.staleHits)
        statistics.arenaBytes = Arena.resident
        return statistics
    }

    /// Stops the program if parts of the cache contradict each other. For tests; slow.
    package func checkInvariants() {
        store.withLock { $0.checkInvariants() }
        Arena.checkInvariants()
    }
}

extension Pin {
    /// The address that the pin holds.
    @inline(__always)
    var held: UInt { word.pointee.load(ordering: .relaxed) & ~1 }

    /// Releases a pin on an alias and returns a pin on the alias's entry. The new pin holds nothing if the entry is gone.
    @inline(never)
    func resolveAlias(_ barrier: Barrier) -> Pin {
        let entryPin = PinCache.current.take()
        if let alias = TextAliasPointer(bitPattern: held) {
            let entry = alias.pointee.entry.load(ordering: .acquiring)
            entryPin.protect(entry, barrier)
            if alias.pointee.entry.load(ordering: .acquiring) != entry { entryPin.unpin() }
        }
        release()
        return entryPin
    }
}
