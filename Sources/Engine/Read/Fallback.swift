import Cache
import Concurrency
import Query
import Text

/// What `staleIfError` needs after a query has failed: the answer that was requested. It is kept as long as a caller may wait.
struct Fallback: Sendable {
    /// Empty if no old answer is wanted.
    private let key: [UInt8]
    private let strategy: Cache.Strategy
    let trace: Trace

    init(_ read: borrowing Cache.Read, _ trace: Trace) {
        key = read.strategy.staleIfError > 0 ? Array(read.key) : []
        strategy = read.strategy
        self.trace = trace
    }

    /// Returns the last answer instead of the error. Throws the error if none is wanted or available, or if the request is at fault.
    func reply(insteadOf failure: Failure, _ client: Client) throws(Failure) -> Reply {
        guard !key.isEmpty, failure.isOutage else { throw failure }
        let pin = key.withUnsafeBytes { key in
            let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
            return client.cache.fallback(Cache.Read(key: key, text: nothing, strategy: strategy), now: client.clock.now)
        }
        guard let pin else { throw failure }
        client.logFallback(failure, trace)
        return client.cached(pin, .staleIfError)
    }
}

extension Client {
    /// Returns the reply to a submitted request whose turn did not come in time: an old answer, or an error. Nothing was sent.
    func replyToLate(_ text: UnsafeRawBufferPointer) -> Reply {
        var trace = Trace()
        do throws(Failure) {
            let failure = Failure.timedOut(while: "waiting for its turn").ending(.undone)
            let request = try decodeRequest(text, for: .thread, cancellation: nil, since: .now, &trace)
            let envelope = request.envelope
            guard case .read = envelope.operation, envelope.transaction == nil, let asked = envelope.cacheStrategy, asked.staleIfError != nil
            else { throw failure }
            let bound = try bind(envelope, request.document)
            return try withRead(request, text, bound, strategy(asked, bound)) { (read) throws(Failure) in
                try Fallback(read, trace).reply(insteadOf: failure, self)
            }
        } catch {
            return failed(error, trace)
        }
    }
}
