extension Failure {
    /// What is wrong with a request, as `meta.kind` tells it: a closed list, which docs/reference/errors.md explains.
    package enum Fault: String, Sendable, CaseIterable {
        /// The text is no JSON.
        case syntax
        /// A member that the place does not take: an argument, an operator, a key of the request.
        case unknownArgument
        /// Names no field of the model.
        case unknownField
        /// One of several words is expected, and it is none of them: an operation, a model, an enum's value, a direction.
        case unknownValue
        /// Something that is needed is not there, or is null.
        case missing
        /// Of another type than is expected.
        case wrongType
        /// Of the right type, and not one of its values: a text that is no date, a fraction where a whole number has to be.
        case invalidValue
        /// Of the right type, and too large or too small.
        case outOfRange
        /// A `where` or `cursor` without any unique key.
        case needsUnique
        /// At least one member is needed.
        case empty
        /// Has no meaning here, or not beside what else is there.
        case notAllowed
        /// More, or nested deeper, than a limit allows.
        case overLimit
    }
}

extension Failure {
    /// The same, of a request that stands in another one: its path, there and in the message, begins with `place`.
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
