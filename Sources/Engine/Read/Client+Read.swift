import Cache
import Concurrency
import Postgres
import Query
import SQL
import Telemetry
import Text

// The path of a request, from its bytes to its reply:
//
//     bytes ─ lookup by request bytes ─ hit ───────────────────────────────────────────────→ reply
//       └ decode → plan → bind ─ lookup by key ─ hit ─────────────────────────────────────→ reply
//                                 └ miss → flight leader → lease → run ─ rows → JSON ─ store ─→ reply
//
// Each step is one function, in this order. A hit stays on the caller's thread and takes no lock.

extension Client {
    /// Answers one request. Never throws: a failure is a reply, too.
    @inline(__always)
    package func execute(_ text: UnsafeRawBufferPointer) -> Reply {
        // Why the size first: an absurd size is refused before a byte is read.
        if text.count <= limits.requestBytes, let hit = cache.hit(text: text, now: clock.now) {
            return hit.mustRefresh ? refreshing(hit, text) : reply(hit, refresh: text)
        }
        return executeSlowly(text)
    }

    /// Answers a submitted request. Nil if it follows a flight; `submissions` gets the reply when the flight ends.
    func execute(_ text: UnsafeRawBufferPointer, submitted request: Submissions.Request, _ cancellation: CancellationToken?) -> Reply? {
        var trace = Trace()
        do throws(Failure) {
            return try answer(
                text, for: .submission(request.number), cancellation: cancellation, since: request.arrival, request.attempt,
                isCounted: request.isCounted, &trace)
        } catch {
            return failed(error, trace)
        }
    }

    /// Returns the reply to a hit for the caller that has to refresh it, which may start a thread.
    @inline(never)
    func refreshing(_ hit: Cache.Hit, _ text: UnsafeRawBufferPointer) -> Reply {
        ForkGate.enter()
        defer { ForkGate.leave() }
        return Stack.with(Stack.base) { reply(hit, refresh: text) } ?? cached(hit.pin, .swr)
    }

    @inline(never)
    private func executeSlowly(_ text: UnsafeRawBufferPointer) -> Reply {
        ForkGate.enter()
        defer { ForkGate.leave() }
        return Stack.with(stackOfRequest, nestedAs: text, upTo: limits.requestBytes) { running { executeHere(text, $0) } } ?? .withoutStack()
    }

    @inline(never)
    private func executeHere(_ text: UnsafeRawBufferPointer, _ cancellation: CancellationToken?) -> Reply {
        if let reply = tracedHit(text) { return reply }
        var trace = Trace()
        do throws(Failure) {
            return try answer(text, for: .thread, cancellation: cancellation, since: .now, .first, &trace) ?? failed(.leaderGone, trace)
        } catch {
            return failed(error, trace)
        }
    }

    /// Returns the reply to a request whose text, without its traceparent, has led to an answer before.
    func tracedHit(_ text: UnsafeRawBufferPointer) -> Reply? {
        guard text.count <= limits.requestBytes else { return nil }
        return TracedText.withPlain(text) { plain in
            guard let plain, let hit = cache.hit(text: plain, now: clock.now) else { return nil }
            return reply(hit, refresh: plain)
        }
    }

    func failed(_ failure: Failure, _ trace: Trace) -> Reply {
        let failure = asClosing(failure)
        telemetry.failures.add()
        logFailure(failure, trace)
        return .failed(failure)
    }

    /// Decodes a request's envelope and makes its context. It is the first step of each request that the cache has not answered by its text.
    /// - Parameters:
    ///   - cancellation: the token that ends its waits early, if there is one.
    ///   - trace: set as soon as it is known, for the log of a failure.
    func decodeRequest(
        _ text: UnsafeRawBufferPointer, for caller: RequestContext.Caller, cancellation: CancellationToken?, since arrival: Deadline,
        _ trace: inout Trace
    ) throws(Failure) -> DecodedRequest {
        let document = try decode(text)
        let envelope = try readEnvelope(document)
        trace = envelope.trace
        var context = RequestContext(caller, until: deadline(envelope.timeoutMilliseconds, since: arrival), trace, cancellation: cancellation)
        context.catalogVersion = automaticInvalidation.catalogVersion
        return DecodedRequest(document: document, envelope: envelope, context: context)
    }

    /// Calls `body` with the cache's view of a read: its key, the text by which it is remembered, and its strategy.
    func withRead<Result>(
        _ request: DecodedRequest, _ text: UnsafeRawBufferPointer, _ bound: borrowing BoundPlan, _ strategy: Cache.Strategy,
        _ body: (borrowing Cache.Read) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try bound.withKey(salt: request.context.keySalt) { (key) throws(Failure) in
            try withRemembered(text, request.envelope) { (remembered) throws(Failure) in
                try body(Cache.Read(key: key, text: remembered, strategy: strategy))
            }
        }
    }

    /// Decodes the request and does what it asks for. Nil if a submitted request waits without a thread.
    private func answer(
        _ text: UnsafeRawBufferPointer, for caller: RequestContext.Caller, cancellation: CancellationToken?, since arrival: Deadline,
        _ attempt: ReadAttempt, isCounted: Bool = false, _ trace: inout Trace
    ) throws(Failure) -> Reply? {
        let request = try decodeRequest(text, for: caller, cancellation: cancellation, since: arrival, &trace)
        let envelope = request.envelope
        var context = request.context
        context.attempt = attempt
        context.isCounted = isCounted
        guard case .read = envelope.operation, envelope.transaction == nil else { return try operate(envelope, request.document, context) }
        let bound = try bind(envelope, request.document)
        guard let strategy = strategy(of: envelope, bound, context) else {
            if !context.isCounted { telemetry.uncached.add() }
            return .uncached(try runQuery(bound, context), region: region.pointer)
        }
        return try withRead(request, text, bound, strategy) { (read) throws(Failure) in
            try lookup(read, refresh: text, bound, context)
        }
    }

    /// Returns the answer, or an old one instead of an error if the request allows that.
    private func lookup(
        _ read: borrowing Cache.Read, refresh text: UnsafeRawBufferPointer, _ bound: borrowing BoundPlan, _ context: RequestContext
    ) throws(Failure) -> Reply? {
        do throws(Failure) {
            return try find(read, refresh: text, bound, context)
        } catch {
            return try Fallback(read, context.trace).reply(insteadOf: error, self)
        }
    }

    /// Looks the key up. On a miss it runs the query for all callers, or waits for the caller that runs it.
    ///
    /// That caller may have less time, or its client may be closed. Another one then runs the query.
    private func find(
        _ read: borrowing Cache.Read, refresh text: UnsafeRawBufferPointer, _ bound: borrowing BoundPlan, _ context: RequestContext
    ) throws(Failure) -> Reply? {
        var context = context
        while true {
            let outcome = lookup(read, context)
            context.isCounted = true
            switch outcome {
            case .hit(let hit): return reply(hit, refresh: read.text.isEmpty ? text : read.text)
            case .lead(let lead):
                if case .submission(let number) = context.caller, !submissions.lead(number, lead) {
                    return try runCancelled(lead, bound, context, read.strategy, number)
                }
                // Why not before a tier is asked, while nothing is known yet: the tier may have the answer, and the database need not be asked.
                if automaticInvalidation.isOn, core.tier == nil || automaticInvalidation.snapshot != nil {
                    refreshCatalog(notOlderThan: Limits.catalogNanoseconds, context)
                }
                return reply(ofLeader: try lead.answer(from: self, bound, context, read.strategy, clock), refresh: read.text.isEmpty ? text : read.text)
            case .join(let flight):
                if case .submission(let number) = context.caller {
                    park(number, on: flight, until: context.deadline, Fallback(read, context.trace))
                    return nil
                }
                let arrival = wait(for: flight, context)
                if arrival.concernsLeaderAlone, Deadline.now < context.deadline, calls?.areCancelled != true { continue }
                return try reply(arrival)
            }
        }
    }

    /// Looks the key up in the cache.
    func lookup(_ read: borrowing Cache.Read, _ context: RequestContext) -> Cache.Outcome {
        let outcome = cache.lookup(read, now: clock.now, isCounted: !context.isCounted)
        if areTagsDoubtful(context) { cache.add(ReadDependencies.ofAnyTable, to: outcome, of: read) }
        return outcome
    }

    /// Returns the duty to refresh a stale answer, if no other caller has it.
    func refresh(_ read: borrowing Cache.Read, _ context: RequestContext) -> Cache.FlightLeader? {
        let lead = cache.refresh(read, now: clock.now)
        if areTagsDoubtful(context) { lead?.add(tags: ReadDependencies.ofAnyTable) }
        return lead
    }

    /// True if the catalog has changed since the tags were computed. They may be too few, so any write has to invalidate the answer.
    ///
    /// Why after the lookup: what changes from then on invalidates the answer.
    private func areTagsDoubtful(_ context: RequestContext) -> Bool {
        automaticInvalidation.isOn && automaticInvalidation.catalogVersion != context.catalogVersion
    }

    private func wait(for flight: Cache.Flight, _ context: RequestContext) -> Cache.Flight.Arrival {
        if calls == nil { return flight.wait(until: UInt64(clamping: context.deadline.nanoseconds)) }
        return FlightWait.end(of: flight, core.nextFollower(), until: context.deadline, cancellation: context.cancellation)
    }

    /// Lets a submitted request wait for a flight without a thread.
    func park(_ number: UInt64, on flight: Cache.Flight, until deadline: Deadline, _ fallback: Fallback) {
        submissions.park(number, on: flight, until: UInt64(clamping: deadline.nanoseconds)) { [self] arrival in
            if arrival.concernsLeaderAlone, Deadline.now < deadline, submissions.resume(number) { return nil }
            do throws(Failure) {
                do throws(Failure) { return try reply(arrival) } catch { return try fallback.reply(insteadOf: error, self) }
            } catch {
                return failed(error, fallback.trace)
            }
        }
    }

    /// Runs the query of a request that was just cancelled, if others wait for it by now.
    private func runCancelled(
        _ lead: Cache.FlightLeader, _ bound: borrowing BoundPlan, _ context: RequestContext, _ strategy: Cache.Strategy, _ number: UInt64
    ) throws(Failure) -> Reply {
        if lead.detachIfUnshared() {
            lead.fail(Failure.cancelled, now: clock.now)
            throw .cancelled
        }
        submissions.complete(number, .failed(.cancelled))
        let hit = running { cancellation in
            Result { () throws(Failure) in try lead.answer(from: self, bound, context.abandoned(cancellation), strategy, clock) }
        }
        return cached(try hit.get().pin, .miss)
    }

    /// Returns the reply to a caller that waited for another one's query.
    private func reply(_ arrival: Cache.Flight.Arrival) throws(Failure) -> Reply {
        switch arrival {
        case .answer(let hit): return cached(hit.pin, .miss)
        case .failure(let error): throw error as? Failure ?? .leaderGone
        case .timedOut: throw .timedOut(while: "waiting for the same query of another caller")
        }
    }

    /// Runs a request again whose answer has become stale. No caller waits for it; failures are counted.
    func refresh(_ text: UnsafeRawBufferPointer, _ attempt: ReadAttempt, _ cancellation: CancellationToken?) {
        var trace = Trace()
        do throws(Failure) {
            let request = try decodeRequest(text, for: .refresh, cancellation: cancellation, since: .now, &trace)
            var context = request.context
            context.attempt = attempt
            let bound = try bind(request.envelope, request.document)
            guard let strategy = strategy(of: request.envelope, bound, context) else { return }
            try withRead(request, text, bound, strategy) { (read) throws(Failure) in
                guard let lead = refresh(read, context) else { return }
                try lead.answer(from: self, bound, context, strategy, clock).pin.release()
            }
            telemetry.refreshes.add()
        } catch {
            telemetry.refreshFailures.add()
            logRefreshFailure(error, trace)
        }
    }
}

// MARK: - The steps

extension Client {
    /// Returns the reply to a hit. For the one caller that has to refresh a stale answer, queues a background refresh.
    @inline(__always)
    func reply(_ hit: Cache.Hit, refresh text: UnsafeRawBufferPointer) -> Reply {
        if hit.mustRefresh && !refreshes.add(text) { cache.postponeRefresh(hit.pin, now: clock.now) }
        // Why not compared: `==` of another module's enum is a call.
        switch hit.status {
        case .stale: return cached(hit.pin, .swr)
        case .fresh, .miss: return cached(hit.pin, .ttl)
        }
    }

    /// Returns the reply for the caller that got the answer for all.
    private func reply(ofLeader hit: Cache.Hit, refresh text: UnsafeRawBufferPointer) -> Reply {
        if case .miss = hit.status { return cached(hit.pin, .miss) }
        return reply(hit, refresh: text)
    }

    @inline(__always)
    func cached(_ pin: Pin, _ status: Reply.CacheStatus) -> Reply {
        Reply.cached(pin, status, region: region.pointer)
    }

    func decode(_ text: UnsafeRawBufferPointer) throws(Failure) -> JSONDocument {
        guard text.count <= limits.requestBytes else { throw tooLarge(text) }
        return try JSONDocument(scanning: text)
    }

    func tooLarge(_ text: UnsafeRawBufferPointer) -> Failure {
        Failure(
            .tooLarge, code: "P6009", "The request is too large: it has \(text.count) bytes; the limit is \(limits.requestBytes).",
            meta: [("size", .number(text.count)), ("limit", .number(limits.requestBytes))])
    }

    /// Decodes the envelope, numbers it for the log, and fills in what the configuration says.
    func readEnvelope(_ document: JSONDocument) throws(Failure) -> Envelope {
        var envelope = try Envelope.decode(document)
        if envelope.isPrecise == nil { envelope.isPrecise = isPrecise }
        if let log { envelope.trace.number = log.number() }
        return envelope
    }

    /// Calls `body` with the text by which the cache shall remember the request.
    ///
    /// The text is empty if the request has a traceparent that cannot be removed from it.
    private func withRemembered<Result>(
        _ text: UnsafeRawBufferPointer, _ envelope: Envelope, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        if envelope.trace.parent == nil { return try body(text) }
        return try TracedText.withPlain(text) { (plain) throws(Failure) in
            try body(plain ?? UnsafeRawBufferPointer(start: nil, count: 0))
        }
    }

    func bind(_ envelope: Envelope, _ document: JSONDocument) throws(Failure) -> BoundPlan {
        try plans.bind(envelope, document)
    }

    /// Returns the deadline of the request: the client's limit, or its own if that is shorter.
    func deadline(_ timeoutMilliseconds: UInt32?, since arrival: Deadline) -> Deadline {
        let own = timeoutMilliseconds.map { Int($0) } ?? Int.max
        return .after(milliseconds: min(own, limits.queryTimeoutMilliseconds), from: arrival)
    }
}

extension Cache.Flight.Arrival {
    /// True if the failure concerns only the leader: it had no time left, or its client was closed. A failure with an SQLSTATE came from
    /// the server and concerns all. Also true if the answer is in the cache by now.
    fileprivate var concernsLeaderAlone: Bool {
        guard case .failure(let error) = self else { return false }
        if error is Cache.LookAgain { return true }
        guard let failure = error as? Failure else { return false }
        return (failure.status == .timeout || failure.status == .cancelled) && failure.sqlState == nil
    }
}
