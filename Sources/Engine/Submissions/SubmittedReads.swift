import Concurrency
import Postgres
import Query
import SQL
import Telemetry
import Text

/// Submitted requests that wait for a thread, as the pool sees them: reads that can be sent with one that has a connection.
///
/// So one thread and one round trip serve many of them.
struct SubmittedReads: ReadQueue {
    let client: Client

    var isEmpty: Bool { client.submissions.share(most: 1) == 0 }

    /// Takes reads from the front of the queue. Stops at the first request that cannot be sent along.
    func take(most: Int) -> [MultiplexedRead] {
        var reads: [MultiplexedRead] = []
        for _ in 0..<client.submissions.share(most: most) {
            guard let request = client.submissions.takeQueued() else { break }
            switch client.prepare(request) {
            case .read(let read): reads.append(read)
            case .done: continue
            case .other:
                client.submissions.putBack(request)
                return reads
            }
        }
        return reads
    }
}

extension Client {
    fileprivate enum Prepared {
        case read(MultiplexedRead)
        /// It was cancelled, or has been answered.
        case done
        /// It needs a thread of its own.
        case other
    }

    /// Returns the queue of reads that can be sent with a request's read.
    func readQueue(_ context: borrowing RequestContext) -> (any ReadQueue)? {
        if case .submission = context.caller { SubmittedReads(client: self) } else { nil }
    }

    /// Makes the read of a request that waits for its turn.
    fileprivate func prepare(_ request: Submissions.Request) -> Prepared {
        if request.isAlone { return .other }
        return request.text.withUnsafeBytes { prepare(request, $0) }
    }

    private func prepare(_ request: Submissions.Request, _ text: UnsafeRawBufferPointer) -> Prepared {
        var trace = Trace()
        do throws(Failure) {
            let decoded = try decodeRequest(text, for: .submission(request.number), since: request.arrival, &trace)
            let envelope = decoded.envelope
            // Why no read with a cache strategy: another caller may be reading the same, and would have to be awaited.
            guard case .read = envelope.operation, envelope.transaction == nil, envelope.cacheStrategy == nil else { return .other }
            let bound = try bind(envelope, decoded.document)
            guard pool.mayMultiplex(bound.plan.batch, trace) else { return .other }
            return begin(request, bound, until: decoded.context.deadline, trace)
        } catch {
            submissions.complete(request.number, failed(error, trace))
            return .done
        }
    }

    private func begin(_ request: Submissions.Request, _ bound: consuming BoundPlan, until deadline: Deadline, _ trace: Trace) -> Prepared {
        let cancellationToken = CancellationToken()
        guard submissions.begin(request, cancellationToken) else { return .done }
        if Deadline.now > request.latestStart {
            submissions.complete(request.number, request.text.withUnsafeBytes { replyToLate($0) })
            return .done
        }
        let submitted = SubmittedRead(self, request.number, bound, trace, calls?.begin(cancellationToken))
        return .read(
            MultiplexedRead(submitted.bound.plan.batch, submitted.bound.parameters, until: deadline, for: trace, cancellationToken) { end in
                submitted.finish(end)
            })
    }
}

/// A submitted request whose read is sent with another one's.
private final class SubmittedRead: @unchecked Sendable {  // Why unchecked: nothing of it changes.
    let client: Client
    let number: UInt64
    let bound: BoundPlan
    let trace: Trace
    /// The number of the call, if closing the client has to end it.
    let call: UInt64?
    let start = Clock.monotonic
    /// Why now: what the answer shows was true at this moment or later.
    let lastModified: Int64

    init(_ client: Client, _ number: UInt64, _ bound: consuming BoundPlan, _ trace: Trace, _ call: UInt64?) {
        self.client = client
        self.number = number
        self.bound = bound
        self.trace = trace
        self.call = call
        lastModified = client.clock.lastModified
        client.telemetry.uncached.add()
        client.telemetry.active.increment()
        client.telemetry.databaseQueries.add()
    }

    func finish(_ end: consuming MultiplexedRead.End) {
        let milliseconds = Double(Clock.monotonic &- start) / 1_000_000
        client.telemetry.active.decrement()
        client.telemetry.duration.record(milliseconds: milliseconds)
        client.telemetry.databaseDuration.record(milliseconds: milliseconds)
        if let call { client.calls?.end(call) }
        let reply: Reply
        switch consume end {
        case .results(let results): reply = write(results)
        case .failure(let failure): reply = client.failed(failure.about(model: bound.plan.modelName), trace)
        case .again:
            if client.submissions.runAlone(number) { return }
            reply = client.failed(.cancelled, trace)
        }
        client.submissions.complete(number, reply)
    }

    private func write(_ results: borrowing ResultSet) -> Reply {
        var answer = BufferPool.buffer(capacity: bound.plan.writer.expectedSize &+ UncachedAnswer.tailSize(bound))
        do throws(Failure) {
            try bound.plan.writer.write(results, into: &answer, limit: client.limits.responseBytes)
        } catch {
            return client.failed(error.about(model: bound.plan.modelName), trace)
        }
        return .uncached(UncachedAnswer(answer, lastModified: lastModified, bound), region: client.region.pointer)
    }
}
