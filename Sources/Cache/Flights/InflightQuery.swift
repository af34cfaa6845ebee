import CLinux
import Synchronization

/// A query that runs for all callers that want its answer: one block from `malloc`, followed by the bytes of the request.
///
/// It belongs to its `FlightLeader`, which frees it after its end, when it is in no table any more. Whatever changes belongs to the holder of
/// the store's lock. Why not a class: the holder of the lock finds it, and must not drop its last reference.
struct InflightQuery: ~Copyable {
    /// A copy of the request's bytes: the key, followed by the text.
    let key: UnsafeRawBufferPointer
    let text: UnsafeRawBufferPointer
    let keyHash: UInt64
    let textHash: UInt64
    let windows: Windows
    /// The invalidation number before it began.
    let readVersion: UInt64
    /// When it began. For an answer from a second tier, when that answer was read.
    var loadedAt: UInt64
    var tags: [Cache.Tag]
    /// The longest life that a caller asked for, in seconds.
    var maxAge: UInt32
    /// True once a caller has taken over the duty to end it.
    var isTaken = false
    /// Where other callers wait. Nil while none has joined, which is usual.
    var flight: Cache.Flight?
    /// The next query in the same bucket of `FlightTable`.
    var next: InflightQueryPointer?
}

typealias InflightQueryPointer = UnsafeMutablePointer<InflightQuery>

extension UnsafeMutablePointer where Pointee == InflightQuery {
    static func make(_ read: borrowing Cache.Read, keyHash: UInt64, textHash: UInt64, readVersion: UInt64, now: UInt64) -> InflightQueryPointer {
        let (headerSize, keySize, textSize) = (MemoryLayout<InflightQuery>.size, read.key.count, read.text.count)
        // Why not `allocate`: it asks for an alignment that every block has anyway, and takes longer.
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

    /// Adds tags that it does not have yet. The entry will have them.
    func add(_ tags: [Cache.Tag]) {
        for tag in tags where !pointee.tags.contains(tag) { pointee.tags.append(tag) }
    }

    /// Returns where one more caller waits.
    func join() -> Cache.Flight {
        let flight = pointee.flight ?? Cache.Flight()
        pointee.flight = flight
        flight.following.add(1, ordering: .relaxed)
        return flight
    }
}
