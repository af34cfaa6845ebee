import CLinux
import Synchronization

/// A query that is running for everybody who wants its answer: one block from `malloc`, with the bytes of the request behind it.
///
/// It belongs to its `FlightLeader`, which frees it when it has ended, and so is in no table any more. All that changes belongs to the holder of the store's
/// lock. Why no object: the holder of the lock finds it, and must not drop its last reference.
struct InflightQuery: ~Copyable {
    /// The request's own bytes, copied: the key, and behind it the text.
    let key: UnsafeRawBufferPointer
    let text: UnsafeRawBufferPointer
    let keyHash: UInt64
    let textHash: UInt64
    let windows: Windows
    /// The sequence number before it began.
    let readVersion: UInt64
    /// When it began; of an answer from a tier, when that was read.
    var loadedAt: UInt64
    var tags: [Cache.Tag]
    /// The longest life that anybody asked for.
    var maxAge: UInt32
    /// Whether somebody has taken it on itself to end it.
    var isTaken = false
    /// Where others wait; nil while no one has joined, which is the rule.
    var flight: Cache.Flight?
    /// Another one in the same bucket of `FlightTable`.
    var next: InflightQueryPointer?
}

typealias InflightQueryPointer = UnsafeMutablePointer<InflightQuery>

extension UnsafeMutablePointer where Pointee == InflightQuery {
    static func make(_ read: borrowing Cache.Read, keyHash: UInt64, textHash: UInt64, readVersion: UInt64, now: UInt64) -> InflightQueryPointer {
        let (headerSize, keySize, textSize) = (MemoryLayout<InflightQuery>.size, read.key.count, read.text.count)
        // Why not `allocate`: it asks for an alignment that every block has, and takes longer for it.
        guard let block = malloc(headerSize + keySize + textSize) else { fatalError("out of memory") }
        let (key, text) = (block + headerSize, block + headerSize + keySize)
        if let bytes = read.key.baseAddress { memcpy(key, bytes, keySize) }
        if let bytes = read.text.baseAddress { memcpy(text, bytes, textSize) }
        let query = block.bindMemory(to: InflightQuery.self, capacity: 1)
        query.initialize(
            to: InflightQuery(
                key: UnsafeRawBufferPointer(start: key, count: keySize), text: UnsafeRawBufferPointer(start: text, count: textSize),
                keyHash: keyHash, textHash: textHash, windows: Windows(ttl: read.strategy.ttl, swr: read.strategy.swr), readVersion: readVersion, loadedAt: now,
                tags: read.strategy.tags, maxAge: read.strategy.maxAge))
        return query
    }

    func free() {
        deinitialize(count: 1)
        CLinux.free(self)
    }

    /// Adds tags that it does not have yet; they are those of the entry that it will make.
    func add(_ tags: [Cache.Tag]) {
        for tag in tags where !pointee.tags.contains(tag) { pointee.tags.append(tag) }
    }

    /// Where one more waits from now on.
    func join() -> Cache.Flight {
        let flight = pointee.flight ?? Cache.Flight()
        pointee.flight = flight
        flight.following.add(1, ordering: .relaxed)
        return flight
    }
}
