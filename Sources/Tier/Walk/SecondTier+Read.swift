package import Concurrency
import Telemetry

// Reads an answer through the tier, and what follows a query of the database.

extension SecondTier {
    /// What a caller asks for.
    package struct Read: Sendable {
        package var name: [UInt8]
        package var tags: [UInt64]
        package var purpose: FetchRequest.Purpose
        /// Seconds; `swr` as well.
        package var ttl: UInt32
        package var swr: UInt32

        package init(name: [UInt8], tags: [UInt64], purpose: FetchRequest.Purpose, ttl: UInt32, swr: UInt32) {
            self.name = name
            self.tags = tags
            self.purpose = purpose
            self.ttl = ttl
            self.swr = swr
        }
    }

    /// Looks an answer up. If another process is reading it, waits for that: within the caller's deadline, until the lease expires.
    package func read(_ read: Read, until deadline: Deadline, cancellation: CancellationToken?) -> Outcome {
        var pause = TierLimit.shortestPoll
        var hasWaited = false
        while true {
            let limit = budget(until: deadline)
            let acquired = acquire(until: limit, cancellation: cancellation, for: read.tags, isTiersLimit: limit < deadline)
            guard case .session(let session, let clock) = acquired else { return bypass() }
            let start = SecondTier.now
            let time = time(clock, start)
            // Why a second: if no answer is ever fresh, one refresh serves all processes.
            let fresh = read.purpose == .refresh ? max(read.ttl, 1) : read.ttl
            let request = FetchRequest(
                name: read.name, tags: read.tags, purpose: read.purpose, freshSince: time.latest &- Int64(fresh) &* 1_000_000 &+ 1,
                usefulSince: time.latest &- (Int64(read.ttl) &+ Int64(read.swr)) &* 1_000_000 &+ 1, leaseMilliseconds: TierLimit.leaseMilliseconds)
            let result: FetchResult
            do throws(TierFault) {
                result = try session.fetch(request, until: limit)
            } catch {
                giveUp(session, error)
                return bypass()
            }
            giveBack(session)
            roundTrips.record(milliseconds: Double(SecondTier.now &- start) / 1_000_000)
            if result.isFull { return bypass() }
            if let outcome = outcome(of: result, read, time, hasWaited) { return outcome }
            hasWaited = true
            let nothing = EventCount()
            let end = min(deadline, .after(milliseconds: pause))
            guard nothing.wait(after: nothing.count, until: end, cancellation: cancellation), Deadline.now < deadline else { return bypass() }
            pause = min(pause * 2, TierLimit.longestPoll)
        }
    }

    /// Returns nil if another process is reading the answer.
    private func outcome(of result: FetchResult, _ read: Read, _ time: (earliest: Int64, latest: Int64), _ hasWaited: Bool) -> Outcome? {
        if let entry = result.entry, result.lease == nil, result.isFresh || read.purpose == .read {
            if entry.kind == .oversized { return bypass() }
            if result.isFresh { counters.hits.add() } else { counters.staleHits.add() }
            if hasWaited { counters.waits.add() }
            return .answer(entry, age: UInt64(max(0, time.latest &- entry.readAt)) &* 1000, isFresh: result.isFresh)
        }
        if let lease = result.lease {
            counters.misses.add()
            return .lead(Lead(lease: lease, readAt: time.earliest))
        }
        return nil
    }

    private func bypass() -> Outcome {
        counters.bypasses.add()
        return .direct
    }

    /// Gives the answer of a query to all processes, soon. The bytes are copied.
    package func store(_ lead: Lead, _ answer: UnsafeRawBufferPointer, lastModified: Int64, lifeMilliseconds: Int) {
        let isOversized = answer.count > settings.maxEntryBytes
        let payload = TierEntry.Payload(copying: isOversized ? UnsafeRawBufferPointer(start: nil, count: 0) : answer)
        let entry = TierEntry(kind: isOversized ? .oversized : .answer, readAt: lead.readAt, lastModified: lastModified, payload: payload)
        let life = isOversized ? min(lifeMilliseconds, TierLimit.oversizedMilliseconds) : lifeMilliseconds
        if !add(.store(StoredAnswer(entry: entry, lease: lead.lease, lifeMilliseconds: life)), bytes: payload.bytes.count) { release(lead) }
    }

    /// Ends the duty without an answer.
    package func release(_ lead: Lead) { _ = add(.release(lead.lease), bytes: 0) }

    private func add(_ job: Job, bytes: Int) -> Bool {
        let isAdded = state.withLock { state in
            guard !state.isClosed, state.breaker.isClosed, state.jobs.count < TierLimit.jobs, state.jobBytes + bytes <= TierLimit.jobBytes else { return false }
            state.jobs.append(job)
            state.jobBytes += bytes
            return true
        }
        if isAdded { work.signal() } else { counters.dropped.add() }
        return isAdded
    }
}
