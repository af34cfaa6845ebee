import CLinux
import Synchronization

/// The pins that a thread has at hand, and the number of its counters. Belongs to one thread; takes no locks.
///
/// Made at the thread's first use. Returned to the pool when the thread ends.
struct PinCache {
    /// Number of cells that move between cache and pool at once. Their words fill whole cache lines.
    static let batch = 32
    private static let most = 4 * batch

    private struct Content {
        var head: UnsafeMutableRawPointer?
        var count: Int
        var stripe: Int
    }

    private let content: UnsafeMutablePointer<Content>

    @inline(__always)
    static var current: PinCache {
        if let known = linux_thread_word().pointee {
            return PinCache(content: known.assumingMemoryBound(to: Content.self))
        }
        return make()
    }

    /// The counters that this thread writes; see `StripedCounters`.
    @inline(__always)
    var stripe: Int { content.pointee.stripe }

    @inline(__always)
    func take() -> Pin {
        guard let head = content.pointee.head else { return refill() }
        let pin = Pin(at: head)
        content.pointee.head = pin.next
        content.pointee.count &-= 1
        return pin
    }

    @inline(__always)
    func give(_ pin: Pin) {
        pin.next = content.pointee.head
        content.pointee.head = pin.address
        content.pointee.count &+= 1
        if content.pointee.count > Self.most { spill() }
    }

    @inline(never)
    private func refill() -> Pin {
        content.pointee.head = PinPool.shared.take(Self.batch)
        var rest = content.pointee.head
        var count = 0
        while let cell = rest {
            count += 1
            rest = Pin(at: cell).next
        }
        content.pointee.count = count
        return take()
    }

    /// Keeps the newest `batch` cells and returns the others.
    @inline(never)
    private func spill() {
        guard var last = content.pointee.head else { return }
        for _ in 1..<Self.batch {
            guard let next = Pin(at: last).next else { return }
            last = next
        }
        guard let others = Pin(at: last).next else { return }
        Pin(at: last).next = nil
        content.pointee.count = Self.batch
        PinPool.shared.give(others)
    }

    @inline(never)
    private static func make() -> PinCache {
        let content = UnsafeMutablePointer<Content>.allocate(capacity: 1)
        content.initialize(to: Content(head: nil, count: 0, stripe: StripedCounters.numbers.take()))
        linux_thread_word().pointee = UnsafeMutableRawPointer(content)
        if let key = endOfThread { pthread_setspecific(key, content) }
        return PinCache(content: content)
    }

    /// The key whose destructor runs when a thread ends.
    private static let endOfThread: pthread_key_t? = {
        var key = pthread_key_t()
        let created = pthread_key_create(&key) { content in
            guard let content else { return }
            // Another destructor of the thread may still need a pin cache. It gets a new one.
            linux_thread_word().pointee = nil
            PinCache(content: content.assumingMemoryBound(to: Content.self)).dissolve()
        }
        return created == 0 ? key : nil
    }()

    private func dissolve() {
        if let head = content.pointee.head { PinPool.shared.give(head) }
        StripedCounters.numbers.give(content.pointee.stripe)
        content.deallocate()
    }
}
