import Text

// `"comments": {"route": "/users"}`: what the request's statements say to the server in a comment.

extension Envelope {
    /// Returns the comment; nil for null and for an object without members. A sampled trace is part of it.
    static func decodeComments(_ document: JSONDocument, _ node: Int, _ parent: TraceParent?) throws(Failure) -> SQLComment? {
        let value = JSONValue(document: document, index: node)
        if value.isNull { return nil }
        guard value.kind == .object else { throw .parameter(at: "comments", "has to be an object of texts.") }
        var pairs: [(key: String, value: String)] = []
        for member in value.members {
            guard let text = member.value.string, !text.utf8.contains(0) else {
                throw .parameter(at: "comments", "has to be an object of texts without NUL; one of its values is none.")
            }
            guard !member.key.bytes.isEmpty else { throw .parameter(at: "comments", "has a key without a name.") }
            pairs.append((member.name, text))
        }
        if pairs.isEmpty { return nil }
        if let parent, parent.isSampled, !pairs.contains(where: { $0.key == "traceparent" }) { pairs.append(("traceparent", parent.text)) }
        let comment = SQLComment(pairs)
        guard comment.text.count <= QueryLimit.commentBytes else {
            throw .parameter(at: "comments", "has \(comment.text.count) bytes as a comment; the limit is \(QueryLimit.commentBytes).")
        }
        return comment
    }
}
