import CLinux
import Synchronization

/// Lets threads wait until a condition, kept elsewhere, may have changed ("event count", Reed and Kanodia 1979).
///
/// A thread reads `count`, checks the condition, and waits for a later count. A signal between the check and the wait is not missed. A
/// signal wakes every waiting thread; without one it costs an atomic exchange.
package final class EventCount: @unchecked Sendable {  // Why unchecked: raw memory, of which only an atomic is ever written.
    /// `count (31 bits) | somebody sleeps (1 bit)`. Why outside the object: a futex needs an address that stays.
    private let word: UnsafeMutablePointer<Atomic<UInt32>>
    private static let sleeper: UInt32 = 1

    package init() {
        word = .allocate(capacity: 1)
        word.initialize(to: Atomic(0))
    }

    deinit { word.deallocate() }

    /// The number of signals so far, modulo 2^31.
    package var count: UInt32 { word.pointee.load(ordering: .acquiring) >> 1 }

    package func signal() {
        var old = word.pointee.load(ordering: .relaxed)
        while true {
            let (exchanged, found) = word.pointee.weakCompareExchange(
                expected: old, desired: (old | EventCount.sleeper) &+ 1, ordering: .acquiringAndReleasing)
            if exchanged { break }
            old = found
        }
        if old & EventCount.sleeper != 0 { word.withMemoryRebound(to: UInt32.self, capacity: 1) { linux_futex_wake_all($0) } }
    }

    /// Sleeps while its count is `seen`. Returns at `deadline` at the latest.
    package func wait(after seen: UInt32, until deadline: Deadline) {
        let nanoseconds = max(deadline.nanoseconds, 0)
        var time = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        while true {
            let found = word.pointee.load(ordering: .acquiring)
            if found >> 1 != seen || Deadline.now >= deadline { return }
            let sleeping = found | EventCount.sleeper
            if found != sleeping, !word.pointee.compareExchange(expected: found, desired: sleeping, ordering: .relaxed).exchanged { continue }
            ForkGate.outside { word.withMemoryRebound(to: UInt32.self, capacity: 1) { linux_futex_wait($0, sleeping, &time) } }
        }
    }
}
