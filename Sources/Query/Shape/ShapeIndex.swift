import Concurrency
package import Text

/// The shapes that were decoded lately, found by the key of a walk. Any number of threads at once.
///
/// A table of fixed size: a shape's hash chooses a bucket, and a bucket that is full gives up one of its shapes that was not
/// found since the last time one had to go. A bucket is full when its ways are taken or its bytes are; a shape too big for a bucket
/// is not remembered. So endless different requests cost time, never memory. Shapes that differ in their literals alone
/// (`"asc"`, `"desc"`) share a bucket. With each shape stands what its owner has made of it: its plan.
package final class ShapeIndex: Sendable {
    // Why no generic parameter: across modules generic code is not specialised, and this is on the way of every miss.
    package typealias Companion = any AnyObject & Sendable

    static var bucketCount: Int { QueryLimit.shapeBuckets }
    static var waysPerBucket: Int { QueryLimit.shapesPerBucket }
    static var bytesPerBucket: Int { QueryLimit.bytesPerShapeBucket }

    private struct Table {
        /// Bucket by bucket; what stands where no shape does is of no meaning.
        var hashes = [UInt64](repeating: 0, count: bucketCount * waysPerBucket)
        var entries = [(shape: RequestShape, companion: Companion)?](repeating: nil, count: bucketCount * waysPerBucket)
        /// For each bucket a bit for each way: it was found since the hand went over it.
        var used = [UInt16](repeating: 0, count: bucketCount)
        /// For each bucket what its shapes hold.
        var bytes = [Int](repeating: 0, count: bucketCount)
        /// For each bucket the way that is looked at first when one has to go.
        var hands = [UInt8](repeating: 0, count: bucketCount)
    }

    private let table = Lock(Table())

    package init() {}

    /// The shape of a request that was decoded before; nil when there is none (any more).
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

    /// Remembers a shape. Two threads that decode the same one at once leave it there twice, which does no harm.
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

    /// How many shapes are remembered.
    package var count: Int { table.withLock { $0.entries.count { $0 != nil } } }

    private static func bucket(of hash: UInt64) -> Int {
        Int(truncatingIfNeeded: (hash >> 32) &* UInt64(bucketCount) >> 32)
    }

    private static func emptyWay(in bucket: Int, of table: borrowing Table) -> Int? {
        let first = bucket &* waysPerBucket
        return (0..<waysPerBucket).first { table.entries[first &+ $0] == nil }
    }

    /// Forgets a shape that was not found lately: the hand goes round, and takes away the marks as it goes. Nil when there is none.
    private static func evict(from bucket: Int, of table: inout Table) -> Int? {
        // Twice round: the first may do no more than take marks away.
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
