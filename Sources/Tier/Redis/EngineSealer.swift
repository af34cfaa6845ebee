import CTier

/// A key, kept by the engine's library in memory that is not written to swap space where that is possible.
package final class EngineSealer: Sealing, @unchecked Sendable {  // Why unchecked: what it points to is constant.
    private let engine: UnsafePointer<tier_engine>
    private let sealer: UnsafeMutableRawPointer

    /// Why there is none, in words.
    package struct Refusal: Error { package let reason: String }

    package static let keyBytes = Int(TIER_KEY_BYTES)

    /// - Parameter key: `keyBytes` of them.
    package init(_ library: EngineLibrary, key: [UInt8]) throws(Refusal) {
        engine = library.engine
        guard key.count == EngineSealer.keyBytes else { throw Refusal(reason: "the key has not \(EngineSealer.keyBytes) bytes") }
        if let words = engine.pointee.sealing_refusal() { throw Refusal(reason: String(cString: words)) }
        guard let sealer = engine.pointee.make_sealer(key) else { throw Refusal(reason: "there is no memory that can be kept from others") }
        self.sealer = sealer
    }

    deinit { engine.pointee.free_sealer(sealer) }

    package func name(_ name: [UInt8]) -> [UInt8] {
        EngineSealer.made(Int(TIER_NAME_BYTES)) { made in
            EngineSealer.withText(name) { engine.pointee.seal_name(sealer, $0, made) }
        }
    }

    package func seal(_ text: [UInt8], bound: [UInt8]) -> [UInt8] {
        EngineSealer.made(text.count + Int(TIER_SEAL_BYTES)) { made in
            EngineSealer.withText(text) { text in EngineSealer.withText(bound) { engine.pointee.seal(sealer, $0, text, made) } }
        }
    }

    package func unseal(_ sealed: UnsafeRawBufferPointer, bound: [UInt8]) -> [UInt8]? {
        guard sealed.count >= Int(TIER_SEAL_BYTES) else { return nil }
        var status = Int32(TIER_FAILED)
        let text = EngineSealer.made(sealed.count - Int(TIER_SEAL_BYTES)) { made in
            let sealed = tier_text(bytes: sealed.baseAddress?.assumingMemoryBound(to: CChar.self), size: sealed.count)
            status = EngineSealer.withText(bound) { engine.pointee.unseal(sealer, $0, sealed, made) }
        }
        return status == Int32(TIER_OK) ? text : nil
    }

    package static let sealBytes = Int(TIER_SEAL_BYTES)

    /// Writes `sealBytes` more than the text has.
    package func seal(_ text: UnsafeRawBufferPointer, bound: [UInt8], into sealed: UnsafeMutableRawPointer) {
        EngineSealer.withText(bound) { bound in engine.pointee.seal(sealer, bound, EngineSealer.text(text), sealed.assumingMemoryBound(to: UInt8.self)) }
    }

    /// Writes `sealBytes` fewer. False where this key did not seal it together with `bound`.
    package func unseal(_ sealed: UnsafeRawBufferPointer, bound: [UInt8], into text: UnsafeMutableRawPointer) -> Bool {
        guard sealed.count >= EngineSealer.sealBytes else { return false }
        return EngineSealer.withText(bound) { bound in
            engine.pointee.unseal(sealer, bound, EngineSealer.text(sealed), text.assumingMemoryBound(to: UInt8.self)) == Int32(TIER_OK)
        }
    }

    private static func text(_ bytes: UnsafeRawBufferPointer) -> tier_text {
        tier_text(bytes: bytes.baseAddress?.assumingMemoryBound(to: CChar.self), size: bytes.count)
    }

    /// Bytes that `body` writes, all of them.
    private static func made(_ count: Int, _ body: (UnsafeMutablePointer<UInt8>?) -> Void) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, size in
            body(buffer.baseAddress)
            size = count
        }
    }

    private static func withText<Result>(_ bytes: [UInt8], _ body: (tier_text) -> Result) -> Result {
        bytes.withUnsafeBytes { body(tier_text(bytes: $0.baseAddress?.assumingMemoryBound(to: CChar.self), size: $0.count)) }
    }
}
