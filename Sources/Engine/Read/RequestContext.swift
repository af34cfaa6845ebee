import Concurrency
import Postgres
import Query
import Text

/// A request whose envelope is decoded, with its context.
struct DecodedRequest {
    let document: JSONDocument
    let envelope: Envelope
    var context: RequestContext
}

/// What belongs to one request beside its content: caller, deadline, trace and cancellation.
///
/// `Client.decodeRequest` makes it once for a request. Reads, writes, raw SQL and transactions pass it down.
/// A role or session settings of a request belong here, too. They would be part of what is sent, and of `keySalt`.
struct RequestContext: Sendable {
    /// Who wants the answer.
    enum Caller: Sendable {
        /// A thread that waits for it.
        case thread
        /// A submitted request with that number.
        case submission(UInt64)
        /// No caller: a stale answer is being refreshed.
        case refresh
    }

    let caller: Caller
    /// The moment by which it has to be answered.
    let deadline: Deadline
    let trace: Trace
    /// Ends its waits early; nil if nothing can.
    let cancellation: CancellationToken?
    /// Separates its answers from those of equivalent requests in another context. Empty if there is only one context.
    let keySalt: [UInt8]
    /// Whether its read was sent before.
    var attempt = ReadAttempt.first
    /// True once the metrics have counted it. A read that was held up, or that waited for another one in vain, is looked up again.
    var isCounted = false
    /// `AutomaticInvalidation.catalogVersion` before its tags were computed.
    var catalogVersion: UInt64 = 0

    init(_ caller: Caller, until deadline: Deadline, _ trace: Trace, cancellation: CancellationToken?, keySalt: [UInt8] = []) {
        self.caller = caller
        self.deadline = deadline
        self.trace = trace
        self.cancellation = cancellation
        self.keySalt = keySalt
    }

    /// True if the caller refreshes stale answers.
    var wantsRefreshes: Bool { if case .refresh = caller { false } else { true } }

    /// The context for other callers, after the caller that began has gone.
    func abandoned(_ cancellation: CancellationToken?) -> RequestContext {
        RequestContext(caller, until: deadline, trace, cancellation: cancellation, keySalt: keySalt)
    }
}
