package import Schema
package import Text

extension Request {
    /// Decodes a read without remembering its shape: for tests, and for callers that need the request alone.
    package static func decode(_ document: JSONDocument, _ schema: Schema) throws(Failure) -> Request {
        let envelope = try Envelope.decode(document)
        let walk = ShapeFingerprint(document, envelope)
        var decoder = RequestDecoder(document, schema, walk)
        return try decoder.decode(envelope)
    }
}
