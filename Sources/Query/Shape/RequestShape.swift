import CLinux
package import Schema
package import Text

/// A request decoded once: what all texts of the same key have in common. Immutable, so any thread may use it.
package final class RequestShape: Sendable {
    package let content: Content
    let hash: UInt64
    /// The key of the walk that it was decoded from.
    private let key: [UInt8]
    /// The scalars of the text that no slot covers, such as `"asc"` or the names in `distinct`. Another text of this shape has the same
    /// ones.
    private let literals: [Literal]
    /// The numbers that are values because they are large. In another text of this shape they are large, too.
    private let lowerBounds: [LowerBound]
    let steps: [BindingStep]

    /// The approximate bytes that it holds, with what its owner made of it.
    var cost: Int { 1024 + 6 * key.count + 256 * steps.count }

    package enum Content: Sendable {
        case read(Request)
        case write(WriteRequest)
    }

    /// The decoded read.
    package var request: Request? { if case .read(let request) = content { request } else { nil } }

    struct LowerBound: Sendable {
        let ordinal: Int
        let limit: UInt64
    }

    private struct Literal: Sendable {
        let ordinal: Int
        let text: [UInt8]
    }

    /// Decodes the text that `walk` went over. Throws when the request does not fit the schema.
    package init(
        decoding document: JSONDocument, _ envelope: Envelope, _ walk: borrowing ShapeFingerprint, _ schema: Schema
    ) throws(Failure) {
        var decoder = RequestDecoder(document, schema, walk)
        let slots: [Slot]
        if case .write = envelope.operation {
            let write = try decoder.decodeWrite(envelope)
            slots = write.slots
            content = .write(write)
        } else {
            let request = try decoder.decode(envelope)
            slots = request.slots
            content = .read(request)
        }
        hash = walk.hash
        key = Array(walk.key.bytes)
        steps = slots.map { BindingStep($0, schema) }
        literals = RequestShape.literals(document, walk, decoder.coveredNodes)
        lowerBounds = decoder.lowerBounds
    }

    /// True if a text with this walk is the same request, values apart.
    func matches(_ document: JSONDocument, _ walk: borrowing ShapeFingerprint) -> Bool {
        guard walk.hash == hash, RequestShape.equal(walk.key.bytes, key) else { return false }
        for literal in literals where !RequestShape.is(document, walk.node(literal.ordinal), literal.text) { return false }
        // Why: otherwise the same small `take` would have one identity here, and another one where no large `take` was asked for before.
        for bound in lowerBounds {
            let text = document.text(of: walk.node(bound.ordinal))
            if let value = JSONNumber.integer(text), value.magnitude <= bound.limit { return false }
        }
        return true
    }

    @inline(__always)
    private static func equal(_ bytes: UnsafeRawBufferPointer, _ other: [UInt8]) -> Bool {
        guard bytes.count == other.count, let base = bytes.baseAddress else { return bytes.count == other.count }
        return memcmp(base, other, other.count) == 0
    }

    private static func `is`(_ document: JSONDocument, _ node: Int, _ text: [UInt8]) -> Bool {
        if document.nodes[node].kind != .array { return equal(document.text(of: node), text) }
        return joined(document, array: node) == text
    }

    /// The literals among the nodes of a walk; `covered` are ranges of nodes that slots read.
    private static func literals(_ document: JSONDocument, _ walk: borrowing ShapeFingerprint, _ covered: [Range<Int>]) -> [Literal] {
        var isCovered = [Bool](repeating: false, count: document.nodes.count)
        for range in covered { for node in range { isCovered[node] = true } }
        var result: [Literal] = []
        for ordinal in 0..<walk.count {
            let node = walk.node(ordinal)
            if isCovered[node] { continue }
            switch document.nodes[node].kind {
            case .string, .number: result.append(Literal(ordinal: ordinal, text: Array(document.text(of: node))))
            case .array where document.scalarKinds(ofArray: node) != nil:
                result.append(Literal(ordinal: ordinal, text: joined(document, array: node)))
            default: break
            }
        }
        return result
    }

    /// The elements of a list of scalars as one text, each with its length in front.
    private static func joined(_ document: JSONDocument, array node: Int) -> [UInt8] {
        var text: [UInt8] = []
        for element in JSONValue(document: document, index: node).elements {
            let bytes = element.kind == .string || element.kind == .number ? element.bytes : UnsafeRawBufferPointer(start: nil, count: 0)
            text.append(element.kind.rawValue)
            text += "\(bytes.count):".utf8
            text += bytes
        }
        return text
    }
}
