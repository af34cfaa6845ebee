import CLinux
import Concurrency
import Synchronization

/// Answers kept in memory, found by the text of a request or by its key. Knows bytes and times, nothing of what they mean.
///
/// - `hit` answers a text that was seen before; it takes no lock, allocates nothing and writes no memory that other threads read.
/// - `lookup` answers a key, or makes the caller lead the query or wait for the one that runs.
/// - `invalidate` makes everything go that was read before it, by tags or all.
///
/// Any thread may call anything. Time comes from the caller: monotonic nanoseconds, never decreasing by much.
package final class Cache: @unchecked Sendable {
    // Sendable because the raw parts that are read without the lock are atomic and live as long as the cache, and all else is
    // in the mutex.
    package struct Configuration: Sendable {
        /// Bytes for answers and for all that is kept about them; at most `Arena.mostBytes`.
        package var maxBytes: Int
        /// A larger answer is given out and not kept.
        package var maxEntryBytes: Int
        /// Makes hashes predictable, for tests.
        package var seed: UInt64?
        /// Whether answers may come from a tier, and so be old: a read then shares only what has all of its tags.
        package var isTiered = false

        package init(maxBytes: Int = 64 << 20, maxEntryBytes: Int? = nil, seed: UInt64? = nil) {
            self.maxBytes = min(max(maxBytes, 0), Arena.mostBytes)
            self.maxEntryBytes = min(maxEntryBytes ?? self.maxBytes / 8, self.maxBytes)
            self.seed = seed
        }
    }

    /// A request, as the cache sees it.
    package struct Read: ~Copyable {
        /// What is equal for requests that ask for the same.
        package let key: UnsafeRawBufferPointer
        /// The request as it came; empty if it is not to be remembered.
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
        /// Somebody else runs it.
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

    /// The answer to a request whose very text led to it before, judged by the windows that the text asks for.
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

    /// Makes the pin hold the first block that may have this text, if it has.
    ///
    /// Why on its own: nearly always it has, and where nothing has to be kept for a second one, there is little to do.
    @inline(__always)
    private func pinFirst(found text: UnsafeRawBufferPointer, _ hash: UInt64, _ pin: Pin) -> UInt? {
        let bucket = texts.home(of: hash)
        var matches = bucket.matches(hash)
        return matches.isEmpty ? nil : protectIfMatching(bucket.slot(matches.popFirst()), text, pin)
    }

    /// Finds the block with this text and makes the pin hold it.
    @inline(never)
    private func pinAny(found text: UnsafeRawBufferPointer, _ hash: UInt64, _ pin: Pin) -> UInt? {
        texts.first(hash) { protectIfMatching($0, text, pin) }
    }

    /// Makes the pin hold the block of a slot, if it has this text.
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

    /// Counts a use of an entry, the first one in this tick.
    @inline(never)
    private func use(_ entry: EntryPointer, _ policyClock: PublishedState.PolicyClock, _ pinCache: PinCache) {
        let item = EntryItem(entry: entry)
        item.accessRecord = item.accessRecord.afterUse(at: policyClock.tick, decay: policyClock.decay)
        let keyHash = Hash.of(entry.key, seed: seed)
        if PolicyTuner.isSampled(keyHash, publishedState.sampleMask) { accessBuffer.add(keyHash, size: item.size, stripe: pinCache.stripe) }
    }

    /// The answer to a key, or what the caller has to do for it.
    package func lookup(_ read: borrowing Read, now: UInt64) -> Outcome {
        let outcome = store.withLock { $0.lookup(read, now) }
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

    /// The duty to read a stale answer again, as `mustRefresh` asked; nil when it is fresh again, or somebody else is reading it.
    package func refresh(_ read: borrowing Read, now: UInt64) -> FlightLeader? {
        store.withLock { $0.refresh(read, now) }.map { FlightLeader(self, $0) }
    }

    /// Says that a refresh that `mustRefresh` asked for could not be started. It will be asked for again in a second or later.
    package func postponeRefresh(_ pin: Pin, now: UInt64) {
        pin.entry?.postponeRefresh(to: now &+ MonotonicTime.second)
    }

    // MARK: Flights

    func complete(_ query: InflightQueryPointer, _ answer: Answer, now: UInt64) -> Hit {
        let (entry, flight) = store.withLock { $0.complete(query, answer, now) }
        flight?.end(.success(entry))
        return Hit(owning: entry)
    }

    /// The same with an answer that was read `age` nanoseconds ago. Who waits is not given it, for its windows may be others: each looks again.
    func complete(_ query: InflightQueryPointer, _ answer: Answer, age: UInt64, now: UInt64, claimsRefresh: Bool) -> Hit {
        let windows = query.pointee.windows
        let (entry, flight) = store.withLock { $0.complete(query, answer, age: age, now) }
        flight?.end(.failure(LookAgain()))
        let status = windows.freshness(loadedAt: entry.pointee.loadedAt, now: now) ?? .stale
        return Hit(pin: Pin(owning: entry), status: status, mustRefresh: status == .stale && claimsRefresh && entry.claimRefresh(now))
    }

    func tags(of query: InflightQueryPointer) -> [Tag] { store.withLock { _ in query.pointee.tags } }

    func fail(_ query: InflightQueryPointer, _ error: any Error, now: UInt64?) {
        let flight = store.withLock { $0.fail(query, now) }
        flight?.end(.failure(error))
    }

    /// The answer that may stand in the place of an error: one that no invalidation has touched, young enough for the request's
    /// `staleIfError`. Nil where there is none.
    package func fallback(_ read: borrowing Read, now: UInt64) -> Pin? {
        store.withLock { $0.fallback(read, now) }.map { Pin(owning: $0) }
    }

    func detachIfUnshared(_ query: InflightQueryPointer) -> Bool { store.withLock { $0.detachIfUnshared(query) } }

    // MARK: Invalidating

    /// Everything that has one of the tags is gone for every read from now on. Takes the same time for one entry and a million.
    /// - Parameter isCounted: among the calls of `invalidate` in the statistics.
    package func invalidate(tags: [Tag], isCounted: Bool = true) { store.withLock { $0.invalidate(tags, isCounted: isCounted) } }

    /// Everything is gone for every read from now on.
    /// - Parameter isCounted: among the calls of `invalidateAll` in the statistics.
    package func invalidateAll(isCounted: Bool = true) { store.withLock { $0.invalidateAll(isCounted: isCounted) } }

    /// Gives memory back: looks at up to `limit` entries and drops those that are invalidated or too old for anybody.
    /// True when there is more to do at once. To be called a few times a second by a thread that has nothing better to do.
    package func sweep(limit: Int = 1000, now: UInt64) -> Bool {
        let uses = counters.total(.hits) &+ counters.total(.staleHits)
        var left = limit
        var hasSurplus = false
        var isMore = true
        repeat {
            (isMore, hasSurplus) = store.withLock { ($0.sweep(min(left, Sweep.portion), now, totalUses: uses), $0.sweeping.takeSurplus()) }
            left -= Sweep.portion
        } while isMore && left > 0
        // Why not under the lock: it may take milliseconds. And why not always: no one in the whole process can allocate meanwhile.
        if hasSurplus { malloc_trim(0) }
        return isMore
    }

    /// Ends all flights with `error` and frees what no pin holds. Later lookups lead, and nothing is kept any more.
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

    /// Stops the program when the cache's parts contradict each other. For tests; slow.
    package func checkInvariants() {
        store.withLock { $0.checkInvariants() }
        Arena.checkInvariants()
    }
}

extension Pin {
    /// The address that it holds.
    @inline(__always)
    var held: UInt { word.pointee.load(ordering: .relaxed) & ~1 }

    /// Releases a pin that holds an alias, for one that holds the alias's entry; one that holds nothing if that is gone.
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
