public import CFork
package import Synchronization

/// Where a thread says whether fork() has to wait for it: see `fork_gate.h`.
///
/// Inside are calls from C, except for hits, and the library's own threads. Why public: see `Lock.withLock`.
public enum ForkGate {
    /// `leave` has to follow. Not twice at a time.
    @inlinable @inline(__always)
    public static func enter() { fork_gate_enter() }

    @inlinable @inline(__always)
    public static func leave() { fork_gate_leave() }

    /// What a thread that is inside waits for. Why: else fork() would wait for it, too. The thread holds no lock.
    @inlinable @inline(__always)
    public static func outside<Value>(_ wait: () -> Value) -> Value {
        leave()
        defer { enter() }
        return wait()
    }

    /// A number that a child of fork() finds as 0; see `fork_mark.h`.
    package static var mark: UnsafeMutablePointer<Atomic<UInt64>> {
        UnsafeMutableRawPointer(fork_mark()).assumingMemoryBound(to: Atomic<UInt64>.self)
    }

    /// A descriptor that is never readable in a child of fork(), until `unwatch`.
    package static func watch(_ descriptor: Int32) { fork_gate_watch(descriptor) }
    package static func unwatch(_ descriptor: Int32) { fork_gate_unwatch(descriptor) }
}
