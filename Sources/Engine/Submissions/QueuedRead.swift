import Cache
import Concurrency
import Postgres
import SQL
import Telemetry
import Text

/// A read without a thread that goes along with another's: that of a submitted request, or of a stale answer.
///
/// Belongs to the one who drives: what others look at does not change once the read is on its way.
final class QueuedRead: MultiplexedRead.Recipient, @unchecked Sendable {  // Why unchecked: see above.
    enum Origin {
        case submission(UInt64, latestStart: Deadline)
        case refresh

        var caller: RequestContext.Caller {
            switch self {
            case .submission(let number, _): .submission(number)
            case .refresh: .refresh
            }
        }
    }

    let bound: BoundPlan
    private(set) var cancellationToken = CancellationToken()
    private let text: [UInt8]
    private let origin: Origin
    private let request: DecodedRequest
    /// nil where nothing is cached.
    private let strategy: Cache.Strategy?
    private let queue: QueuedReads
    private var lead: Cache.FlightLeader?
    private var fallback: Fallback?
    /// That of the call, where closing the client has to end it.
    private var call: UInt64?
    private var startTime: UInt64 = 0
    private var lastModified: Int64 = 0

    init(
        _ text: [UInt8], _ origin: Origin, _ request: DecodedRequest, _ bound: consuming BoundPlan, _ strategy: Cache.Strategy?,
        _ queue: QueuedReads
    ) {
        self.text = text
        self.origin = origin
        self.request = request
        self.bound = bound
        self.strategy = strategy
        self.queue = queue
    }

    private var client: Client { queue.client }
    var trace: Trace { request.context.trace }
    var deadline: Deadline { request.context.deadline }
    /// Of the submitted request; nil for a refresh.
    var number: UInt64? { if case .submission(let number, _) = origin { number } else { nil } }

    /// Looks the answer up. True where it has to be asked for: then `take` has to be called.
    func start() -> Bool {
        if case .submission(let number, let latestStart) = origin, Deadline.now > latestStart {
            client.submissions.complete(number, text.withUnsafeBytes { client.replyToLate($0) })
            return false
        }
        do throws(Failure) {
            guard try lookup() else { return false }
        } catch {
            fail(error)
            queue.flush()
            return false
        }
        call = client.calls?.begin(cancellationToken)
        client.telemetry.databaseQueries.add()
        startTime = client.telemetry.begin()
        // Why now: what the answer shows was true at this moment or later.
        lastModified = client.clock.lastModified
        return true
    }

    // MARK: Looking up

    /// Whether the database has to be asked. What is answered otherwise is told, now or at the end of a flight.
    private func lookup() throws(Failure) -> Bool {
        guard let strategy else {
            if !request.context.isCounted { client.telemetry.uncached.add() }
            return true
        }
        return try text.withUnsafeBytes { text in
            Result { () throws(Failure) in try lookup(text, strategy) }
        }.get()
    }

    private func lookup(_ text: UnsafeRawBufferPointer, _ strategy: Cache.Strategy) throws(Failure) -> Bool {
        try client.withRead(request, text, bound, strategy) { (read) throws(Failure) in
            if let number { return lookup(read, text, number) }
            lead = client.refresh(read, request.context)
            return lead != nil
        }
    }

    private func lookup(_ read: borrowing Cache.Read, _ text: UnsafeRawBufferPointer, _ number: UInt64) -> Bool {
        switch client.lookup(read, request.context) {
        case .hit(let hit):
            client.submissions.complete(number, client.reply(hit, refresh: read.text.isEmpty ? text : read.text))
            return false
        case .lead(let lead):
            self.lead = lead
            fallback = Fallback(read, trace)
            return client.submissions.lead(number, lead) || mustGoOn(lead, number)
        case .join(let flight):
            client.park(number, on: flight, until: deadline, Fallback(read, trace))
            return false
        }
    }

    /// For a request that was cancelled just before: whether others wait for its answer by now.
    private func mustGoOn(_ lead: Cache.FlightLeader, _ number: UInt64) -> Bool {
        client.submissions.complete(number, .failed(.cancelled))
        if lead.detachIfUnshared() {
            lead.fail(Failure.cancelled, now: client.clock.now)
            return false
        }
        cancellationToken = CancellationToken()
        return true
    }

    // MARK: Its end

    func take(_ end: consuming MultiplexedRead.End) {
        client.telemetry.databaseDuration.record(milliseconds: Double(Clock.monotonic &- startTime) / 1_000_000)
        client.telemetry.end(since: startTime)
        if let call { client.calls?.end(call) }
        switch consume end {
        case .results(let results):
            do throws(Failure) { try answer(results) } catch { fail(error.about(model: bound.plan.modelName)) }
        case .failure(let failure): fail(failure.about(model: bound.plan.modelName))
        case .again(let attempt): runAgain(attempt)
        }
    }

    private func answer(_ results: borrowing ResultSet) throws(Failure) {
        guard let lead else {
            var buffer = BufferPool.buffer(capacity: bound.plan.writer.expectedSize &+ UncachedAnswer.tailSize(bound))
            try bound.plan.writer.write(results, into: &buffer, limit: client.limits.responseBytes, until: request.context.deadline)
            return reply(.uncached(UncachedAnswer(buffer, lastModified: lastModified, bound), region: client.region.pointer))
        }
        var buffer = ByteBuffer(capacity: bound.plan.writer.expectedSize)
        try bound.plan.writer.write(results, into: &buffer, limit: client.limits.responseBytes, until: request.context.deadline)
        let isKept = results.generation == client.pool.identities.generation
        let hit = lead.complete(try Cache.Answer(buffer, lastModified: lastModified, bound, isKept: isKept), now: client.clock.now)
        if number != nil { return reply(client.cached(hit.pin, .miss)) }
        hit.pin.release()
        client.telemetry.refreshes.add()
    }

    private func fail(_ failure: Failure) {
        lead?.fail(failure, now: client.clock.now)
        guard number != nil else {
            client.telemetry.refreshFailures.add()
            return client.logRefreshFailure(failure, trace)
        }
        do throws(Failure) {
            guard let fallback else { throw failure }
            reply(try fallback.reply(insteadOf: failure, client))
        } catch {
            reply(client.failed(error, trace))
        }
    }

    private func runAgain(_ attempt: ReadAttempt) {
        lead?.giveUp()
        guard let number else { return client.refreshes.addAgain(text, attempt) }
        if client.submissions.runAgain(number, attempt, until: deadline) { return }
        reply(client.failed(.cancelled, trace))
    }

    private func reply(_ reply: Reply) { if let number { queue.add(reply, number) } }
}
