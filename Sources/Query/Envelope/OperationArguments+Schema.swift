package import Text

// Arguments of the operations on schemas.
extension OperationArguments {
    /// One end of `$schema.diff`.
    package enum SchemaState: Sendable, Equatable {
        case database, empty
        /// The client's own schema.
        case own
        case text(String)
    }

    /// `$schema.diff`: `{"from": "database", "to": "model User {…"}`. Left out they are the database and the client's own schema.
    package static func states(_ envelope: Envelope, _ document: JSONDocument) throws(Failure) -> (from: SchemaState, to: SchemaState) {
        guard let args = envelope.arguments(in: document) else { return (.database, .own) }
        try args.refuseUnknown(known: ["from", "to"], at: "args")
        return (try state(args["from"], at: "args.from") ?? .database, try state(args["to"], at: "args.to") ?? .own)
    }

    private static func state(_ value: JSONValue?, at path: String) throws(Failure) -> SchemaState? {
        guard let value, !value.isNull else { return nil }
        // Why braces: every schema with content has some.
        guard let text = value.string, ["database", "empty", "schema"].contains(text) || text.utf8.contains(UInt8(ascii: "{")) else {
            throw .parameter(.wrongType, at: path, "has to be \"database\", \"empty\", \"schema\" or the text of a schema.")
        }
        switch text {
        case "database": return .database
        case "empty": return .empty
        case "schema": return .own
        default: return .text(text)
        }
    }

    /// `$schema.push`: `{"acceptDataLoss": false, "dryRun": false}`
    package static func push(_ envelope: Envelope, _ document: JSONDocument) throws(Failure) -> (acceptsLoss: Bool, isDryRun: Bool) {
        guard let args = envelope.arguments(in: document) else { return (false, false) }
        try args.refuseUnknown(known: ["acceptDataLoss", "dryRun"], at: "args")
        return (try flag(args["acceptDataLoss"], at: "args.acceptDataLoss"), try flag(args["dryRun"], at: "args.dryRun"))
    }

    private static func flag(_ value: JSONValue?, at path: String) throws(Failure) -> Bool {
        guard let value, !value.isNull else { return false }
        guard value.kind == .true || value.kind == .false else { throw .parameter(.wrongType, at: path, "has to be true or false.") }
        return value.kind == .true
    }

    /// `$schema.deploy`: `{"path": "prisma/migrations"}`
    package static func path(_ envelope: Envelope, _ document: JSONDocument) throws(Failure) -> String {
        guard let args = envelope.arguments(in: document) else {
            throw .parameter(.missing, at: "args.path", "is missing: the folder of migrations.")
        }
        try args.refuseUnknown(known: ["path"], at: "args")
        guard let path = args["path"]?.string, !path.isEmpty, !path.utf8.contains(0) else {
            throw .parameter(.wrongType, at: "args.path", "has to be the path of a folder of migrations.")
        }
        return path
    }
}
