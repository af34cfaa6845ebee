import CLinux
import Concurrency
import Synchronization

/// Counters that many threads write without sharing a cache line.
///
/// A thread has a number while it lives (`PinCache.stripe`). The first numbers own a line each, which only their thread writes, with plain loads
/// and stores. All further threads share the last line and pay for atomic additions.
struct StripedCounters {
    enum Counter: Int, CaseIterable { case hits, staleHits }

    static let count = 64
    private static let lineWords = 8
    private let words: UnsafeMutablePointer<Atomic<UInt64>>

    init() {
        let size = Self.count * Self.lineWords * MemoryLayout<UInt64>.size
        let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 64)
        memset(memory, 0, size)
        words = memory.assumingMemoryBound(to: Atomic<UInt64>.self)
    }

    func deallocate() { UnsafeMutableRawPointer(words).deallocate() }

    @inline(__always)
    func add(_ counter: Counter, stripe: Int) {
        let word = words + (stripe &* Self.lineWords &+ counter.rawValue)
        if stripe < Self.count &- 1 {
            word.pointee.store(word.pointee.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
        } else {
            word.pointee.wrappingAdd(1, ordering: .relaxed)
        }
    }

    func total(_ counter: Counter) -> UInt64 {
        var sum: UInt64 = 0
        for stripe in 0..<Self.count {
            sum &+= words[stripe * Self.lineWords + counter.rawValue].load(ordering: .relaxed)
        }
        return sum
    }

    /// The numbers of living threads.
    static let numbers = Numbers()

    final class Numbers: Sendable {
        /// Bit n is set if number n belongs to a living thread.
        private let used = Lock<UInt64>(0, forTheProcess: true)

        /// Returns the lowest free number, or the shared last one.
        func take() -> Int {
            used.withLock { used in
                let number = min((~used).trailingZeroBitCount, StripedCounters.count - 1)
                if number < StripedCounters.count - 1 { used |= 1 << UInt64(number) }
                return number
            }
        }

        func give(_ number: Int) {
            used.withLock { used in
                if number < StripedCounters.count - 1 { used &= ~(1 << UInt64(number)) }
            }
        }
    }
}
