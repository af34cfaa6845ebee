extension Failure {
    /// The kind of a fault in a request, written as `meta.kind`. The list is closed; docs/reference/errors.md explains each.
    package enum Fault: String, Sendable, CaseIterable {
        /// The text is not JSON.
        case syntax
        /// A member that the place does not take: an argument, an operator, a key of the request.
        case unknownArgument
        /// Names no field of the model.
        case unknownField
        /// The value is none of the words that are expected: operations, models, values of an enum, directions.
        case unknownValue
        /// Something that is needed is not there, or is null.
        case missing
        /// The value has another type than is expected.
        case wrongType
        /// The value has the right type and is not valid: a text that is no date, a fraction where a whole number is expected.
        case invalidValue
        /// The value has the right type and is too large or too small.
        case outOfRange
        /// A `where` or `cursor` without any unique key.
        case needsUnique
        /// At least one member is needed.
        case empty
        /// The member has no meaning here, or not beside the other members.
        case notAllowed
        /// There are more values, or deeper nesting, than a limit allows.
        case overLimit
    }
}

extension Failure {
    /// Returns the failure for a request that stands inside another one: the paths in `meta` and in the message begin with `place`.
    package func placed(within place: String) -> Failure {
        guard let position = meta.firstIndex(where: { $0.key == "path" }), case .text(let path) = meta[position].value else { return self }
        var failure = self
        failure.meta[position].value = .text("\(place).\(path)")
        let words = Array(message.utf8), quoted = Array("`\(path)`".utf8)
        guard let start = words.indices.first(where: { words[$0...].starts(with: quoted) }) else { return failure }
        failure.message = String(decoding: words[...start] + Array("\(place).".utf8) + words[(start + 1)...], as: UTF8.self)
        return failure
    }
}
