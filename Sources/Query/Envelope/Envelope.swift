import Schema
package import Text

/// The outermost object of a request: `{"model", "operation", "args", "timeoutMs", "transaction", "traceparent", "comments", "dateTime"}`, and the `cacheStrategy` in `args`.
///
/// It holds positions in the document. Decoding makes no strings and, without tags, no arrays.
package struct Envelope: Sendable {
    package var operation: Operation
    /// The node of the model's name; nil where the operation has none.
    package var model: Int?
    /// The node of `args`, an object; nil when not given.
    package var args: Int?
    package var timeoutMilliseconds: UInt32?
    package var trace = Trace()
    /// The node of the interactive transaction's id, a string; nil when not given.
    package var transaction: Int?
    /// The strategy of `args`; nil when not given.
    package var cacheStrategy: CacheStrategy?
    /// True if moments have microseconds in the answer. Nil leaves it to the client.
    package var isPrecise: Bool?

    private static let keys = ["model", "operation", "args", "timeoutMs", "transaction", "traceparent", "comments", "dateTime"]

    /// Reads the envelope and refuses what no operation allows. The operation reads its own `args`.
    package static func decode(_ document: JSONDocument) throws(Failure) -> Envelope {
        let members = try Members(document)
        guard let name = members.operation else { throw .missing(at: "operation", expected: Operation.names) }
        let operation = try decodeOperation(document, name)
        var envelope = Envelope(operation: operation)
        try envelope.decodeModel(document, members.model)
        if let args = members.args, document.nodes[args].kind != .null {
            guard document.nodes[args].kind == .object else {
                throw .mismatch(at: "args", expected: ["Object"], found: JSONValue(document: document, index: args))
            }
            envelope.args = args
            try envelope.decodeCacheStrategy(document)
        }
        envelope.timeoutMilliseconds = try decodeTimeout(document, members.timeout)
        if let node = members.transaction { try envelope.decodeTransaction(document, node) }
        envelope.trace.parent = try decodeTraceParent(document, members.traceParent)
        if let comments = members.comments { envelope.trace.comment = try decodeComments(document, comments, envelope.trace.parent) }
        envelope.isPrecise = try decodePrecision(document, members.dateTime)
        return envelope
    }

    /// The nodes of the values by their keys.
    private struct Members {
        var model: Int?
        var operation: Int?
        var args: Int?
        var timeout: Int?
        var transaction: Int?
        var traceParent: Int?
        var comments: Int?
        var dateTime: Int?

        init(_ document: JSONDocument) throws(Failure) {
            guard document.nodes[0].kind == .object else { throw .mismatch(at: "request", expected: ["Object"], found: document.root) }
            var index = 1
            var hasUnknown = false
            for _ in 0..<document.nodes[0].count {
                let key = document.text(of: index)
                let value = index &+ 1
                if key.equals("model") {
                    model = value
                } else if key.equals("operation") {
                    operation = value
                } else if key.equals("args") {
                    args = value
                } else if key.equals("timeoutMs") {
                    timeout = value
                } else if key.equals("transaction") {
                    transaction = value
                } else if key.equals("traceparent") {
                    traceParent = value
                } else if key.equals("comments") {
                    comments = value
                } else if key.equals("dateTime") {
                    dateTime = value
                } else {
                    hasUnknown = true
                }
                index = Int(document.nodes[value].next)
            }
            if hasUnknown { throw Members.unknown(document) }
        }

        private static func unknown(_ document: JSONDocument) -> Failure {
            let names = document.root.members.map(\.name).filter { !$0.isExactlyOne(of: keys) }
            return .unknown(names.min() ?? "", in: "", expected: keys, kind: .unknownArgument)
        }
    }

    private static func decodeOperation(_ document: JSONDocument, _ node: Int) throws(Failure) -> Operation {
        guard document.nodes[node].kind == .string else {
            throw .mismatch(at: "operation", expected: ["String"], found: JSONValue(document: document, index: node))
        }
        if let operation = Operation.named(document.text(of: node)) { return operation }
        var suggestions = NameSuggestion()
        let suggestion = suggestions.nearest(to: String(decoding: document.text(of: node), as: UTF8.self), in: Operation.names)
        let hint = suggestion.map { " Did you mean `\($0)`?" } ?? ""
        throw .validation(.unknownValue, at: "operation", "names no operation.\(hint)", expected: Operation.names, suggestion: suggestion)
    }

    private mutating func decodeModel(_ document: JSONDocument, _ node: Int?) throws(Failure) {
        guard let node, document.nodes[node].kind != .null else {
            if operation.hasModel { throw .missing(at: "model", expected: ["String"]) }
            return
        }
        guard operation.hasModel else { throw .validation(.notAllowed, at: "model", "is given, but this operation has no model.") }
        guard document.nodes[node].kind == .string else {
            throw .mismatch(at: "model", expected: ["String"], found: JSONValue(document: document, index: node))
        }
        model = node
    }

    private mutating func decodeTransaction(_ document: JSONDocument, _ node: Int) throws(Failure) {
        guard document.nodes[node].kind != .null else { return }
        guard operation.mayStandInTransaction else {
            throw .validation(.notAllowed, at: "transaction", "is given, but this operation cannot run in a transaction.")
        }
        guard document.nodes[node].kind == .string else {
            throw .mismatch(at: "transaction", expected: ["String"], found: JSONValue(document: document, index: node))
        }
        transaction = node
    }

    private mutating func decodeCacheStrategy(_ document: JSONDocument) throws(Failure) {
        guard let args, let node = Envelope.cacheStrategyNode(document, args: args) else { return }
        guard case .read = operation else { throw .parameter(.notAllowed, at: "args.cacheStrategy", "is not allowed: only reads are cached.") }
        cacheStrategy = try CacheStrategy.decode(JSONValue(document: document, index: node), at: "args.cacheStrategy")
    }

    private static func cacheStrategyNode(_ document: JSONDocument, args: Int) -> Int? {
        var index = args &+ 1
        for _ in 0..<document.nodes[args].count {
            if document.text(of: index).equals("cacheStrategy") { return index &+ 1 }
            index = Int(document.nodes[index &+ 1].next)
        }
        return nil
    }

    private static func decodeTimeout(_ document: JSONDocument, _ node: Int?) throws(Failure) -> UInt32? {
        guard let node, document.nodes[node].kind != .null else { return nil }
        let value = JSONValue(document: document, index: node)
        guard let milliseconds = value.integer, milliseconds > 0, milliseconds <= QueryLimit.timeoutMilliseconds else {
            throw .parameter(at: "timeoutMs", "has to be a whole number of milliseconds from 1 to \(QueryLimit.timeoutMilliseconds).")
        }
        return UInt32(truncatingIfNeeded: milliseconds)
    }

    /// `"dateTime": "microseconds"`, or `"milliseconds"`.
    private static func decodePrecision(_ document: JSONDocument, _ node: Int?) throws(Failure) -> Bool? {
        guard let node, document.nodes[node].kind != .null else { return nil }
        guard document.nodes[node].kind == .string, let precision = DateTimePrecision(document.text(of: node)) else {
            throw .parameter(at: "dateTime", "has to be \"milliseconds\" or \"microseconds\".")
        }
        return precision == .microseconds
    }

    private static func decodeTraceParent(_ document: JSONDocument, _ node: Int?) throws(Failure) -> TraceParent? {
        guard let node, document.nodes[node].kind != .null else { return nil }
        guard document.nodes[node].kind == .string, let parent = TraceParent(document.text(of: node)) else {
            throw .parameter(
                at: "traceparent", "has to be one of W3C Trace Context: \"00-<32 digits>-<16 digits>-<2 digits>\", hexadecimal in lower case.")
        }
        return parent
    }
}

/// How fine the moments of an answer are.
package enum DateTimePrecision: Sendable {
    /// Milliseconds, as Prisma writes them.
    case milliseconds
    /// All that the column has, up to microseconds.
    case microseconds

    package init?(_ name: UnsafeRawBufferPointer) {
        if name.equals("milliseconds") { self = .milliseconds } else if name.equals("microseconds") { self = .microseconds } else { return nil }
    }
}
