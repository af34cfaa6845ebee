import Cache
import Concurrency
import Postgres
import Query
import Telemetry
import Text

/// What waits for a thread, as the pool sees it: submitted requests and refreshes whose reads go along with one that has a connection. So one
/// thread, and one round trip, serves many of them.
///
/// One object for each read that gets a connection. `replies` belongs to the one who drives.
final class QueuedReads: ReadQueue, @unchecked Sendable {  // Why unchecked: see above.
    let client: Client
    /// Of the submitted requests whose reads have ended since the last `flush`.
    private var replies: [(number: UInt64, reply: Reply)] = []

    init(_ client: Client) { self.client = client }

    var isEmpty: Bool { client.submissions.share(most: 1) == 0 && client.refreshes.share(most: 1) == 0 }

    /// Takes what may go along from the front of each queue, and stops at the first that may not, or does not fit.
    func take(_ budget: inout BatchBudget) -> [MultiplexedRead] {
        var reads = takeSubmitted(&budget)
        if budget.count > 0 { reads += takeRefreshes(&budget) }
        return reads.map { MultiplexedRead($0.bound.plan.batch, $0.bound.parameters, $0.trace, for: $0) }
    }

    func add(_ reply: Reply, _ number: UInt64) { replies.append((number, reply)) }

    func flush() {
        if replies.isEmpty { return }
        let finished = replies
        replies.removeAll(keepingCapacity: true)
        client.submissions.complete(finished)
    }

    private func takeSubmitted(_ budget: inout BatchBudget) -> [QueuedRead] {
        let requests = client.submissions.takeQueued(most: client.submissions.share(most: budget.count))
        let reads = prepare(requests, &budget, { client.prepare($0, self) }, putBack: client.submissions.putBack)
        return client.submissions.begin(reads).filter { $0.start() }
    }

    private func takeRefreshes(_ budget: inout BatchBudget) -> [QueuedRead] {
        let texts = client.refreshes.take(most: client.refreshes.share(most: budget.count))
        return prepare(texts, &budget, { client.prepare($0, self) }, putBack: client.refreshes.putBack).filter { $0.start() }
    }

    /// The reads of those at the front. From the first that needs a thread or does not fit on, all are put back.
    private func prepare<Item>(
        _ items: [Item], _ budget: inout BatchBudget, _ prepare: (Item) -> Client.Prepared, putBack: ([Item]) -> Void
    ) -> [QueuedRead] {
        var reads: [QueuedRead] = []
        reads.reserveCapacity(items.count)
        for (index, item) in items.enumerated() {
            guard case .fit(let read) = prepare(item), read.map({ budget.add($0.bound.plan.batch) }) ?? true else {
                putBack(Array(items[index...]))
                break
            }
            if let read { reads.append(read) }
        }
        return reads
    }
}

extension Client {
    fileprivate enum Prepared {
        /// nil: its fault was told.
        case fit(QueuedRead?)
        /// It needs a thread of its own.
        case unfit
    }

    /// What else may go along with a request's read.
    func readQueue(_ context: borrowing RequestContext) -> (any ReadQueue)? {
        if case .thread = context.caller { nil } else { QueuedReads(self) }
    }

    /// Makes the read of a request that waits for its turn.
    fileprivate func prepare(_ request: Submissions.Request, _ queue: QueuedReads) -> Prepared {
        guard case .first = request.attempt else { return .unfit }
        var trace = Trace()
        do throws(Failure) {
            return try request.text.withUnsafeBytes { bytes in
                Result { () throws(Failure) in
                    try prepare(
                        request.text, bytes, .submission(request.number, latestStart: request.latestStart), since: request.arrival,
                        isCounted: request.isCounted, queue, &trace)
                }
            }.get()
        } catch {
            submissions.complete(request.number, failed(error, trace))
            return .fit(nil)
        }
    }

    fileprivate func prepare(_ stale: RefreshQueue.StaleText, _ queue: QueuedReads) -> Prepared {
        guard case .first = stale.attempt else { return .unfit }
        var trace = Trace()
        do throws(Failure) {
            return try stale.text.withUnsafeBytes { bytes in
                Result { () throws(Failure) in try prepare(stale.text, bytes, .refresh, since: .now, queue, &trace) }
            }.get()
        } catch {
            telemetry.refreshFailures.add()
            logRefreshFailure(error, trace)
            return .fit(nil)
        }
    }

    private func prepare(
        _ text: [UInt8], _ bytes: UnsafeRawBufferPointer, _ origin: QueuedRead.Origin, since arrival: Deadline, isCounted: Bool = false,
        _ queue: QueuedReads, _ trace: inout Trace
    ) throws(Failure) -> Prepared {
        var request = try decodeRequest(bytes, for: origin.caller, cancellation: nil, since: arrival, &trace)
        request.context.isCounted = isCounted
        let envelope = request.envelope
        guard case .read = envelope.operation, envelope.transaction == nil, firstCheck?.hasPassed ?? true else { return .unfit }
        let bound = try bind(envelope, request.document)
        guard pool.mayMultiplex(bound.plan.batch, trace) else { return .unfit }
        switch knownStrategy(of: envelope, bound) {
        case .unknown: return .unfit
        case .uncached:
            if case .refresh = origin { return .fit(nil) }
            return .fit(QueuedRead(text, origin, request, bound, nil, queue))
        case .cached(let strategy): return .fit(QueuedRead(text, origin, request, bound, strategy, queue))
        }
    }
}
