package import Text

/// The `args` of transactions.
extension OperationArguments {
    /// The arguments of `$transaction`: a list of requests, each as a document of its own.
    package struct List: Sendable {
        package var requests: [JSONDocument]
        package var isolation: String?
        /// The time of the transaction, and of the wait for a connection, in milliseconds. Nil leaves it to the request's own limit.
        package var timeoutMilliseconds: Int?
        package var maxWaitMilliseconds: Int?
    }

    /// `$transaction`: `{"requests": […], "isolationLevel": "Serializable", "timeout": 5000, "maxWait": 2000}`
    package static func transaction(_ envelope: Envelope, _ document: JSONDocument) throws(Failure) -> List {
        let args = envelope.arguments(in: document)
        if let args { try args.refuseUnknown(known: ["requests", "isolationLevel", "timeout", "maxWait"], at: "args") }
        guard let requests = args?["requests"], !requests.isNull else {
            throw .parameter(.missing, at: "args.requests", "has to be a list of at most \(QueryLimit.transactionRequests) requests.")
        }
        guard requests.kind == .array, requests.count <= QueryLimit.transactionRequests else {
            throw .parameter(
                requests.kind == .array ? .overLimit : .wrongType, at: "args.requests",
                "has to be a list of at most \(QueryLimit.transactionRequests) requests.")
        }
        var documents: [JSONDocument] = []
        for request in requests.elements {
            var text = ByteBuffer()
            text.append(request)
            documents.append(try JSONDocument(scanning: text.bytes))
        }
        return List(
            requests: documents, isolation: try isolation(args?["isolationLevel"]),
            timeoutMilliseconds: try milliseconds(args?["timeout"], from: 1, at: "args.timeout"),
            maxWaitMilliseconds: try milliseconds(args?["maxWait"], from: 0, at: "args.maxWait"))
    }

    private static func isolation(_ value: JSONValue?) throws(Failure) -> String? {
        guard let value, !value.isNull else { return nil }
        guard let name = value.string else { throw .parameter(.wrongType, at: "args.isolationLevel", "has to be a string.") }
        return name
    }

    /// The arguments of `$transaction.begin`. All may be left out.
    package struct Beginning: Sendable {
        package var isolation: String?
        /// How long the transaction may be open, in milliseconds.
        package var timeoutMilliseconds = QueryLimit.transactionMilliseconds
        /// How long a connection is waited for, in milliseconds.
        package var maxWaitMilliseconds = QueryLimit.transactionWaitMilliseconds
    }

    /// `$transaction.begin`: `{"isolationLevel": "Serializable", "timeout": 5000, "maxWait": 2000}`, times in milliseconds.
    package static func beginning(_ envelope: Envelope, _ document: JSONDocument) throws(Failure) -> Beginning {
        var beginning = Beginning()
        guard let args = envelope.arguments(in: document) else { return beginning }
        try args.refuseUnknown(known: ["isolationLevel", "timeout", "maxWait"], at: "args")
        beginning.isolation = try isolation(args["isolationLevel"])
        if let time = try milliseconds(args["timeout"], from: 1, at: "args.timeout") { beginning.timeoutMilliseconds = time }
        if let time = try milliseconds(args["maxWait"], from: 0, at: "args.maxWait") { beginning.maxWaitMilliseconds = time }
        return beginning
    }

    private static func milliseconds(_ value: JSONValue?, from least: Int64, at path: String) throws(Failure) -> Int? {
        guard let value, !value.isNull else { return nil }
        guard let time = value.integer, time >= least, time <= QueryLimit.timeoutMilliseconds else {
            throw .parameter(at: path, "has to be a whole number of milliseconds from \(least) to \(QueryLimit.timeoutMilliseconds).")
        }
        return Int(time)
    }

    /// Returns the id of the interactive transaction that a request names: `transaction` beside `operation`, or `args.id` of a step of the
    /// transaction. Nil when it names none.
    package static func transactionID(_ envelope: Envelope, _ document: JSONDocument) throws(Failure) -> [UInt8]? {
        let outer = envelope.transaction.map { Array(JSONValue(document: document, index: $0).bytes) }
        guard case .transactionStep = envelope.operation, let inner = envelope.arguments(in: document)?["id"], !inner.isNull else { return outer }
        guard inner.kind == .string else { throw .parameter(.wrongType, at: "args.id", "has to be a string: what `$transaction.begin` gave as `id`.") }
        let id = Array(inner.bytes)
        guard outer == nil || outer == id else { throw .parameter(at: "args.id", "names another transaction than `transaction` does.") }
        return id
    }

    /// `$transaction.commit`, `$transaction.rollback`: `{"id": "…"}`, if not `transaction` says it.
    package static func ending(_ envelope: Envelope, _ document: JSONDocument) throws(Failure) {
        if let args = envelope.arguments(in: document) { try args.refuseUnknown(known: ["id"], at: "args") }
    }

    /// `$transaction.savepoint`, `.rollbackTo`, `.release`: `{"name": "before"}`, an identifier of SQL.
    package static func savepoint(_ envelope: Envelope, _ document: JSONDocument) throws(Failure) -> [UInt8] {
        let args = envelope.arguments(in: document)
        if let args { try args.refuseUnknown(known: ["name", "id"], at: "args") }
        guard let value = args?["name"], value.kind == .string else { throw .parameter(.wrongType, at: "args.name", "has to be a string.") }
        let name = Array(value.bytes)
        guard isIdentifier(name) else {
            throw .parameter(
                at: "args.name", "has to be 1 to \(QueryLimit.savepointNameBytes) characters from `A-Z a-z 0-9 _`, of which the first is not a digit.")
        }
        return name
    }

    private static func isIdentifier(_ name: [UInt8]) -> Bool {
        guard let first = name.first, name.count <= QueryLimit.savepointNameBytes else { return false }
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
        return !digits.contains(first) && name.allSatisfy { digits.contains($0) || letters.contains($0 | 0x20) || $0 == UInt8(ascii: "_") }
    }
}
