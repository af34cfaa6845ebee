import CLinux
import Cache
import Text

/// An answer that is in no cache: its bytes, followed by the data of its info. One block from `malloc`.
///
///     answer  NUL  …  last modified  state of the signature's hash  size of the values  values
///
/// The signature is computed on demand: most reads without a cache never need it, and it takes a microsecond.
struct UncachedAnswer {
    let start: UnsafeMutablePointer<UInt8>
    let count: Int

    private struct Tail {
        /// Wall clock, milliseconds since 1970.
        var lastModified: Int64
        /// The state after the request's canonical text.
        var hash: SHA256
        var valuesSize: Int
    }

    /// Returns the bytes that follow the answer.
    static func tailSize(_ bound: borrowing BoundPlan) -> Int {
        MemoryLayout<Tail>.stride + MemoryLayout<Tail>.alignment + bound.parameters.bytes.count
    }

    init(_ answer: consuming ByteBuffer, lastModified: Int64, _ bound: borrowing BoundPlan) {
        count = answer.count
        repeat { answer.append(0) } while answer.count % MemoryLayout<Tail>.alignment > 0
        let values = bound.parameters.bytes
        withUnsafeBytes(of: Tail(lastModified: lastModified, hash: bound.plan.signature, valuesSize: values.count)) { answer.append($0) }
        answer.append(values)
        start = answer.take(isFitted: false).start
    }

    /// The answer at an address where one was made.
    init(at start: UnsafeMutablePointer<UInt8>, count: Int) {
        self.start = start
        self.count = count
    }

    private var tail: UnsafeRawPointer {
        let alignment = MemoryLayout<Tail>.alignment
        return UnsafeRawPointer(start) + (count + alignment) / alignment * alignment
    }

    var lastModified: Int64 { tail.load(as: Tail.self).lastModified }

    var signature: Cache.Signature {
        let tail = tail.load(as: Tail.self)
        var hash = tail.hash
        hash.update(UnsafeRawBufferPointer(start: self.tail + MemoryLayout<Tail>.size, count: tail.valuesSize))
        return Cache.Signature(hash)
    }
}

extension Cache.Signature {
    /// The first half of a hash.
    init(_ hash: consuming SHA256) {
        let half = hash.finishHalf()
        self.init(high: half.high, low: half.low)
    }
}
