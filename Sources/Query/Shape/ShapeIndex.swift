import Concurrency
package import Text

/// The shapes that were decoded lately, found by the key of a walk. Any thread may use it.
///
/// A table of fixed size, so endless different requests cost time, never memory. A shape's hash chooses a bucket. A full bucket evicts a
/// shape that was not found since its last eviction (the CLOCK algorithm). A bucket is full when its ways or its bytes are used up. A shape
/// that is too large for a bucket is not kept.
///
/// Shapes that differ in literals alone (`"asc"`, `"desc"`) share a bucket. Each shape carries what its owner made of it: its plan.
package final class ShapeIndex: Sendable {
    // Why no generic parameter: generic code is not specialised across modules, and every miss comes by here.
    package typealias Companion = any AnyObject & Sendable

    static var bucketCount: Int { QueryLimit.shapeBuckets }
    static var waysPerBucket: Int { QueryLimit.shapesPerBucket }
    static var bytesPerBucket: Int { QueryLimit.bytesPerShapeBucket }

    private struct Table {
        /// The ways, bucket by bucket. A way without a shape has no meaning.
        var hashes = [UInt64](repeating: 0, count: bucketCount * waysPerBucket)
        var entries = [(shape: RequestShape, companion: Companion)?](repeating: nil, count: bucketCount * waysPerBucket)
        /// For each bucket, a bit for each way: it was found since the hand passed it.
        var used = [UInt16](repeating: 0, count: bucketCount)
        /// The bytes that the shapes of each bucket hold.
        var bytes = [Int](repeating: 0, count: bucketCount)
        /// The hand of each bucket: the way that is looked at first when one has to go.
        var hands = [UInt8](repeating: 0, count: bucketCount)
    }

    private let table = Lock(Table())

    package init() {}

    /// Returns the shape of a request that was decoded before; nil when it is not kept, or not any more.
    package func find(_ document: JSONDocument, _ walk: borrowing ShapeFingerprint) -> (shape: RequestShape, companion: Companion)? {
        let hash = walk.hash
        let bucket = ShapeIndex.bucket(of: hash)
        let first = bucket &* ShapeIndex.waysPerBucket
        return table.withLock { table in
            for way in 0..<ShapeIndex.waysPerBucket where table.hashes[first &+ way] == hash {
                guard let entry = table.entries[first &+ way], entry.shape.matches(document, walk) else { continue }
                table.used[bucket] |= 1 << UInt16(truncatingIfNeeded: way)
                return entry
            }
            return nil
        }
    }

    /// Keeps a shape. Two threads that decode the same one at once keep it twice, which is harmless.
    package func insert(_ shape: RequestShape, _ companion: Companion) {
        guard shape.cost <= ShapeIndex.bytesPerBucket / 4 else { return }
        let bucket = ShapeIndex.bucket(of: shape.hash)
        table.withLock { table in
            var way = ShapeIndex.emptyWay(in: bucket, of: table)
            while way == nil || table.bytes[bucket] + shape.cost > ShapeIndex.bytesPerBucket {
                guard let evicted = ShapeIndex.evict(from: bucket, of: &table) else { break }
                way = evicted
            }
            guard let way else { return }
            table.hashes[bucket &* ShapeIndex.waysPerBucket &+ way] = shape.hash
            table.entries[bucket &* ShapeIndex.waysPerBucket &+ way] = (shape, companion)
            table.bytes[bucket] += shape.cost
        }
    }

    /// The number of shapes that are kept.
    package var count: Int { table.withLock { $0.entries.count { $0 != nil } } }

    private static func bucket(of hash: UInt64) -> Int {
        Int(truncatingIfNeeded: (hash >> 32) &* UInt64(bucketCount) >> 32)
    }

    private static func emptyWay(in bucket: Int, of table: borrowing Table) -> Int? {
        let first = bucket &* waysPerBucket
        return (0..<waysPerBucket).first { table.entries[first &+ $0] == nil }
    }

    /// Evicts a shape that was not found lately. The hand goes round and clears marks on its way. Nil when there is nothing to evict.
    private static func evict(from bucket: Int, of table: inout Table) -> Int? {
        // Twice round, because the first round may only clear marks.
        for _ in 0..<(2 * waysPerBucket) {
            let way = Int(table.hands[bucket]) % waysPerBucket
            table.hands[bucket] = UInt8(truncatingIfNeeded: (way &+ 1) % waysPerBucket)
            let bit: UInt16 = 1 << UInt16(truncatingIfNeeded: way)
            guard let shape = table.entries[bucket &* waysPerBucket &+ way]?.shape else { continue }
            if table.used[bucket] & bit != 0 {
                table.used[bucket] &= ~bit
                continue
            }
            table.entries[bucket &* waysPerBucket &+ way] = nil
            table.hashes[bucket &* waysPerBucket &+ way] = 0
            table.bytes[bucket] -= shape.cost
            return way
        }
        return nil
    }
}
