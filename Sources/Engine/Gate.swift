import CLinux
import Synchronization

/// Lets many threads through without making them share a cache line, until it is closed; closing waits until all are out.
///
/// Why it is right: whoever enters counts itself first and looks at `isClosed` second; `close` sets `isClosed` first and reads
/// the counts second, all in one sequentially consistent order. So either the one who enters sees the gate closed, or
/// `close` sees the count and waits.
struct Gate: @unchecked Sendable {  // Why unchecked: raw memory that holds atomics alone.
    /// A counter on a cache line of its own. Threads choose by processor, so two seldom meet.
    private static let lanes = 64
    private static let laneSize = 64

    private let memory: UnsafeMutableRawPointer

    init() {
        memory = .allocate(byteCount: (Gate.lanes + 1) * Gate.laneSize, alignment: Gate.laneSize)
        for line in 0...Gate.lanes {
            (memory + line * Gate.laneSize).bindMemory(to: Atomic<Int>.self, capacity: 1).initialize(to: Atomic(0))
        }
    }

    @inline(__always)
    private func line(_ number: Int) -> UnsafeMutablePointer<Atomic<Int>> {
        (memory + number &* Gate.laneSize).assumingMemoryBound(to: Atomic<Int>.self)
    }

    @inline(__always)
    private var isClosed: UnsafeMutablePointer<Atomic<Int>> { line(Gate.lanes) }

    /// The lane to `leave` by, or nil when the gate is closed.
    @inline(__always)
    func enter() -> Int? {
        let lane = Int(sched_getcpu()) & (Gate.lanes &- 1)
        line(lane).pointee.wrappingAdd(1, ordering: .sequentiallyConsistent)
        if isClosed.pointee.load(ordering: .sequentiallyConsistent) == 0 { return lane }
        leave(lane)
        return nil
    }

    @inline(__always)
    func leave(_ lane: Int) { line(lane).pointee.wrappingSubtract(1, ordering: .releasing) }

    /// Nobody enters any more; false when it was closed already.
    func close() -> Bool { isClosed.pointee.exchange(1, ordering: .sequentiallyConsistent) == 0 }

    /// After `close`: waits until everybody is out.
    func drain() {
        var pause = timespec(tv_sec: 0, tv_nsec: 20_000)
        // Why one by one: nobody enters a lane any more, so each is empty for good once it is.
        for lane in 0..<Gate.lanes {
            while line(lane).pointee.load(ordering: .acquiring) != 0 {
                nanosleep(&pause, nil)
                pause.tv_nsec = min(pause.tv_nsec * 2, 5_000_000)
            }
        }
    }

    /// Opens it again. Nobody may know it.
    func reopen() { isClosed.pointee.store(0, ordering: .sequentiallyConsistent) }
}
