import Cache
import CLinux
import Text

/// A signature that is computed when somebody asks for it: most who read without a cache never do, and it takes a microsecond.
///
/// One block from `malloc`: the state of the hash after the request's canonical text, and the values. Whoever holds it frees it, once.
struct PendingSignature {
    let start: UnsafeMutablePointer<UInt8>

    private static var headSize: Int { MemoryLayout<SHA256>.stride + MemoryLayout<Int>.stride }

    /// nil when memory is exhausted.
    init?(_ bound: borrowing BoundPlan) {
        let values = bound.parameters.bytes
        guard let block = malloc(Self.headSize + values.count) else { return nil }
        block.storeBytes(of: bound.plan.signature, as: SHA256.self)
        block.storeBytes(of: values.count, toByteOffset: MemoryLayout<SHA256>.stride, as: Int.self)
        if let base = values.baseAddress { memcpy(block + Self.headSize, base, values.count) }
        start = block.assumingMemoryBound(to: UInt8.self)
    }

    /// The one whose block starts there.
    init(at start: UnsafeMutablePointer<UInt8>) { self.start = start }

    var signature: Cache.Signature {
        let block = UnsafeRawPointer(start)
        var hash = block.load(as: SHA256.self)
        let count = block.load(fromByteOffset: MemoryLayout<SHA256>.stride, as: Int.self)
        hash.update(UnsafeRawBufferPointer(start: block + Self.headSize, count: count))
        let half = hash.finishHalf()
        return Cache.Signature(high: half.high, low: half.low)
    }
}
