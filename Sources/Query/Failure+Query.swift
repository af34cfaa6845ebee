import Schema
package import Text

/// The errors of requests that do not fit. Each names the place as `args.where.email`, what was expected there, and the kind of fault.
extension Failure {
    /// A value that has no meaning at its place, or is not of the expected kind.
    @inline(never)
    package static func validation(
        _ kind: Fault = .invalidValue, at path: String, _ what: String, expected: [String] = [], suggestion: String? = nil,
        code: String = "P2009"
    ) -> Failure {
        var meta: [(key: String, value: Fact)] = [("path", .text(path)), ("kind", .text(kind.rawValue))]
        if !expected.isEmpty { meta.append(("expected", .texts(expected))) }
        if let suggestion { meta.append(("suggestion", .text(suggestion))) }
        return Failure(.invalidRequest, code: code, "Invalid request: `\(path)` \(what)", meta: meta)
    }

    /// A member with an unknown name.
    @inline(never)
    static func unknown(
        _ name: String, in path: String, expected: [String], suggestion: String? = nil, kind: Fault = .unknownField
    ) -> Failure {
        var suggestions = NameSuggestion()
        let suggestion = suggestion ?? suggestions.nearest(to: name, in: expected)
        let hint = suggestion.map { " Did you mean `\($0)`?" } ?? ""
        let name = name.utf8.count > QueryLimit.shownNameBytes ? "\(name.prefix(16))…" : name
        return validation(
            kind, at: path.isEmpty ? name : "\(path).\(name)", "is not known here.\(hint)", expected: expected, suggestion: suggestion)
    }

    @inline(never)
    static func mismatch(at path: String, expected: [String], found: JSONValue) -> Failure {
        let choice = expected.joined(separator: " or ")
        return validation(.wrongType, at: path, "has to be \(choice), not \(found.kindName).", expected: expected)
    }

    @inline(never)
    package static func missing(at path: String, expected: [String]) -> Failure {
        validation(.missing, at: path, "is missing. It is needed: a value is required but not set.", expected: expected, code: "P2012")
    }

    /// The same for a value that is null.
    @inline(never)
    static func null(at path: String, expected: [String], code: String = "P2009") -> Failure {
        validation(.missing, at: path, "must not be null: a value is required but not set.", expected: expected, code: code)
    }

    /// The request is understood but cannot be carried out.
    @inline(never)
    static func input(_ kind: Fault = .notAllowed, at path: String, _ what: String) -> Failure {
        validation(kind, at: path, what, code: "P2019")
    }

    @inline(never)
    static func tooManyValues(at path: String, limit: Int) -> Failure {
        Failure(
            .invalidRequest, code: "P2029", "The request has more values than PostgreSQL accepts: the limit is \(limit).",
            meta: [("path", .text(path)), ("kind", .text(Fault.overLimit.rawValue))])
    }

    /// A parameter of the cache or of the library's own operations.
    @inline(never)
    package static func parameter(_ kind: Fault = .invalidValue, at path: String, _ what: String) -> Failure {
        Failure(
            .invalidRequest, code: "P6005", "An invalid parameter was provided. `\(path)` \(what)",
            meta: [("path", .text(path)), ("kind", .text(kind.rawValue))])
    }

    @inline(never)
    static func nesting(at path: String) -> Failure {
        validation(.overLimit, at: path, "is nested too deeply: the limit is \(QueryLimit.nesting) levels.")
    }
}

extension JSONValue {
    /// Its name in errors, without its value.
    var kindName: String { kind.name }
}

extension JSONDocument.Kind {
    var name: String {
        switch self {
        case .null: "null"
        case .true, .false: "a Boolean"
        case .number: "a number"
        case .string: "a string"
        case .array: "a list"
        case .object: "an object"
        }
    }
}

extension JSONValue {
    /// Throws an error for the unknown key of an object of parameters that sorts first.
    func refuseUnknown(known: [String], at path: String) throws(Failure) {
        var unknown: String?
        for member in members where !known.contains(where: { member.isKey($0) }) {
            unknown = min(unknown ?? member.name, member.name)
        }
        guard let unknown else { return }
        var failure = Failure.unknown(unknown, in: path, expected: known, kind: .unknownArgument)
        failure.code = "P6005"
        failure.message = "An invalid parameter was provided. `\(path).\(unknown)` is not known; known are \(known.joined(separator: ", "))."
        throw failure
    }
}
