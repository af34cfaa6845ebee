import CLinux
import Synchronization

/// The single cache line that every hit reads. Only the holder of the store's lock writes it, when something happens.
struct PublishedState: @unchecked Sendable {
    // Sendable because all of it is atomic; it lives as long as its cache.
    private struct Line: ~Copyable {
        let invalidationVersion: Atomic<UInt64>
        let all: Atomic<UInt64>
        let policyClock: Atomic<UInt64>
        let sampleMask: Atomic<UInt64>
    }

    private let line: UnsafeMutablePointer<Line>

    init() {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 64)
        line = memory.bindMemory(to: Line.self, capacity: 1)
        line.initialize(
            to: Line(invalidationVersion: Atomic(1), all: Atomic(0), policyClock: Atomic(0), sampleMask: Atomic(.max)))
    }

    func deallocate() { line.deallocate() }

    /// The number of the last invalidation.
    @inline(__always)
    var invalidationVersion: UInt64 {
        get { line.pointee.invalidationVersion.load(ordering: .acquiring) }
        nonmutating set { line.pointee.invalidationVersion.store(newValue, ordering: .releasing) }
    }

    /// The number of the last invalidation of everything.
    @inline(__always)
    var all: UInt64 {
        get { line.pointee.all.load(ordering: .acquiring) }
        nonmutating set { line.pointee.all.store(newValue, ordering: .releasing) }
    }

    /// What is needed to count a use.
    struct PolicyClock {
        let word: UInt64
        @inline(__always)
        var tick: AccessRecord.Tick { AccessRecord.Tick(truncatingIfNeeded: word >> 32) }
        var decay: Float { Float(bitPattern: UInt32(truncatingIfNeeded: word)) }
    }

    @inline(__always)
    var policyClock: PolicyClock { PolicyClock(word: line.pointee.policyClock.load(ordering: .relaxed)) }

    /// Selects the keys that the tuner samples; see `PolicyTuner`.
    var sampleMask: UInt64 { line.pointee.sampleMask.load(ordering: .relaxed) }

    func set(tick: AccessRecord.Tick, decay: Float, sampleMask: UInt64?) {
        let policyClock = UInt64(tick) << 32 | UInt64(decay.bitPattern)
        // Why compare: an unchanged line stays in every core's cache.
        if line.pointee.policyClock.load(ordering: .relaxed) != policyClock { line.pointee.policyClock.store(policyClock, ordering: .relaxed) }
        let mask = sampleMask ?? .max
        if line.pointee.sampleMask.load(ordering: .relaxed) != mask {
            line.pointee.sampleMask.store(mask, ordering: .relaxed)
        }
    }
}
