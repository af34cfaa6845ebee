import CLinux
import Query
import Text

/// What has to be known of a submitted request before its turn. It costs a search of the text, and a parse if that finds something.
struct RequestPreview {
    /// The id of the interactive transaction that it names or ends.
    private(set) var transaction: [UInt8]?
    /// Its own time limit.
    private(set) var timeoutMilliseconds: UInt32?

    /// Knows nothing of a text that is not a request. Its turn reports the fault.
    init(_ text: UnsafeRawBufferPointer) {
        let namesTransaction = RequestPreview.contains(text, "\"transaction\"") || RequestPreview.contains(text, "\"$transaction.")
        guard namesTransaction || RequestPreview.contains(text, "\"timeoutMs\"") else { return }
        do throws(Failure) { self = try RequestPreview(decoding: text) } catch { return }
    }

    /// Parses in any case. Throws for a text that is not a request.
    init(decoding text: UnsafeRawBufferPointer) throws(Failure) {
        let document = try JSONDocument(scanning: text)
        let envelope = try Envelope.decode(document)
        timeoutMilliseconds = envelope.timeoutMilliseconds
        transaction = try OperationArguments.transactionID(envelope, document)
    }

    private static func contains(_ text: UnsafeRawBufferPointer, _ word: StaticString) -> Bool {
        linux_contains(text.baseAddress, text.count, word.utf8Start, word.utf8CodeUnitCount)
    }
}
