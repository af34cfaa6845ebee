import Concurrency
import Query
import Text

/// A request that was decoded as far as its envelope, with the context that was made for it.
struct DecodedRequest {
    let document: JSONDocument
    let envelope: Envelope
    let context: RequestContext
}

/// What one request has beside what it asks for: its caller, deadline, trace and cancellation.
///
/// `Client.decodeRequest` makes it once for a request. Reads, writes, raw SQL and transactions pass it down.
/// A role or session settings of a request belong here, too: they are part of what is sent, and of `keySalt`.
struct RequestContext: Sendable {
    /// Who wants the answer.
    enum Caller: Sendable {
        /// A thread that waits for it.
        case thread
        /// A submitted request of that number.
        case submission(UInt64)
        /// No caller: a stale answer is read again.
        case refresh
    }

    let caller: Caller
    /// By when it has to be answered.
    let deadline: Deadline
    let trace: Trace
    /// What ends its waits early, if anything does.
    let cancellation: CancellationToken?
    /// Keeps its answers apart from those of requests that ask for the same in another context; empty where there is only one.
    let keySalt: [UInt8]
    /// Its read goes along with no other.
    var isAlone = false

    init(_ caller: Caller, until deadline: Deadline, _ trace: Trace, cancellation: CancellationToken? = .current, keySalt: [UInt8] = []) {
        self.caller = caller
        self.deadline = deadline
        self.trace = trace
        self.cancellation = cancellation
        self.keySalt = keySalt
    }

    /// Whether the caller sees to the refresh of a stale answer.
    var wantsRefreshes: Bool { if case .refresh = caller { false } else { true } }

    /// The same for others, where the caller that began it has gone.
    var withoutCancellation: RequestContext { RequestContext(caller, until: deadline, trace, cancellation: nil, keySalt: keySalt) }
}
