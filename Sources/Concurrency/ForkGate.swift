public import CFork
package import Synchronization

/// Marks what fork() has to wait for: see `fork_gate.h`.
///
/// Calls from C are inside, except for cache hits, and so are the library's own threads. Why public: see `Lock.withLock`.
public enum ForkGate {
    /// Enters. `leave` has to follow. A thread does not enter twice.
    @inlinable @inline(__always)
    public static func enter() { fork_gate_enter() }

    @inlinable @inline(__always)
    public static func leave() { fork_gate_leave() }

    /// Calls `body`, which waits, outside of the gate, for a thread that is inside. Why: fork() would wait for it otherwise. The thread
    /// holds no lock.
    @inlinable @inline(__always)
    public static func outside<Value>(_ wait: () -> Value) -> Value {
        leave()
        defer { enter() }
        return wait()
    }

    /// A number that is 0 in a child of fork(); see `fork_mark.h`.
    package static var mark: UnsafeMutablePointer<Atomic<UInt64>> {
        UnsafeMutableRawPointer(fork_mark()).assumingMemoryBound(to: Atomic<UInt64>.self)
    }

    /// Makes a descriptor never readable in a child of fork(), until `unwatch`.
    package static func watch(_ descriptor: Int32) { fork_gate_watch(descriptor) }
    package static func unwatch(_ descriptor: Int32) { fork_gate_unwatch(descriptor) }
}
