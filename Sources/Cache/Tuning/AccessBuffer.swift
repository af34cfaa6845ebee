import CLinux
import Synchronization

/// Passes uses of sampled keys from readers to the holder of the store's lock, for the tuner.
///
/// Each thread with counters of its own has a ring, which is made at its first use. What does not fit is dropped.
struct AccessBuffer: @unchecked Sendable {
    // Sendable because a ring has one writer, the thread with its stripe, and one reader, the holder of the lock. The positions are
    // atomic, and each side writes only its own.
    private struct Ring: ~Copyable {
        let written: Atomic<UInt32>
        let read: Atomic<UInt32>
    }
    private struct Access {
        var keyHash: UInt64
        var size: UInt64
    }

    private static let length: UInt32 = 64
    private static let ringSize = 16 + Int(length) * MemoryLayout<Access>.stride
    /// The rings' addresses by stripe, followed by the number of stripes that may have one.
    private let rings: UnsafeMutablePointer<Atomic<UInt>>
    private var inUse: UnsafeMutablePointer<Atomic<UInt>> { rings + StripedCounters.count }

    init() {
        let size = (StripedCounters.count + 1) * 8
        let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 64)
        memset(memory, 0, size)
        rings = memory.bindMemory(to: Atomic<UInt>.self, capacity: StripedCounters.count + 1)
    }

    func deallocate() {
        for stripe in 0..<StripedCounters.count { free(UnsafeMutableRawPointer(bitPattern: rings[stripe].load(ordering: .relaxed))) }
        rings.deallocate()
    }

    /// Called by a reader, at most once for an entry and tick.
    func add(_ keyHash: UInt64, size: Int, stripe: Int) {
        if stripe == StripedCounters.count - 1 { return }
        var address = rings[stripe].load(ordering: .relaxed)
        if address == 0 {
            guard let block = calloc(1, Self.ringSize) else { return }
            address = UInt(bitPattern: block)
            rings[stripe].store(address, ordering: .releasing)
            inUse.pointee.max(UInt(stripe) + 1, ordering: .releasing)
        }
        guard let (ring, uses) = Self.ring(address) else { return }
        let written = ring.pointee.written.load(ordering: .relaxed)
        if written &- ring.pointee.read.load(ordering: .acquiring) >= Self.length { return }
        uses[Int(written % Self.length)] = Access(keyHash: keyHash, size: UInt64(size))
        ring.pointee.written.store(written &+ 1, ordering: .releasing)
    }

    /// Takes out all uses. Called under the store's lock.
    func drain(_ use: (UInt64, Int) -> Void) {
        for stripe in 0..<Int(inUse.pointee.load(ordering: .acquiring)) {
            guard let (ring, uses) = Self.ring(rings[stripe].load(ordering: .acquiring)) else { continue }
            var read = ring.pointee.read.load(ordering: .relaxed)
            let written = ring.pointee.written.load(ordering: .acquiring)
            if read == written { continue }
            while read != written {
                let one = uses[Int(read % Self.length)]
                use(one.keyHash, Int(one.size))
                read &+= 1
            }
            ring.pointee.read.store(read, ordering: .releasing)
        }
    }

    private static func ring(_ address: UInt) -> (UnsafeMutablePointer<Ring>, UnsafeMutablePointer<Access>)? {
        guard let block = UnsafeMutableRawPointer(bitPattern: address) else { return nil }
        return (block.assumingMemoryBound(to: Ring.self), (block + 16).assumingMemoryBound(to: Access.self))
    }
}
