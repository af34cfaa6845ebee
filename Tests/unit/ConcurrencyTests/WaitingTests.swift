import Foundation
import Testing

@testable import Concurrency

@Suite struct WaitingTests {
    @Test func `a signal between the look and the wait is not missed`() {
        let event = EventCount()
        let seen = event.count
        event.signal()
        let start = Deadline.now
        event.wait(after: seen, until: .never)
        #expect(event.count == seen + 1)
        event.wait(after: event.count, until: .after(milliseconds: 20))
        #expect(Deadline.now.nanoseconds - start.nanoseconds >= 20_000_000, "without a signal the deadline ends a wait")
    }

    @Test func `one signal wakes all who wait`() throws {
        let event = EventCount()
        let waiting = Semaphore()
        let threads = try (0..<8).map { _ in
            try #require(
                Concurrency.Thread {
                    waiting.signal()
                    event.wait(after: 0, until: .never)
                })
        }
        for _ in threads { waiting.wait() }
        event.signal()
        for thread in threads { thread.join() }
        #expect(event.count == 1)
    }

    /// Each of two threads signals the other's event and waits for its own: a lost wake-up would end at the deadline, with fewer turns.
    @Test func `no wake-up is lost between two threads`() throws {
        let events = [EventCount(), EventCount()]
        let end = Deadline.after(milliseconds: 60_000)
        let turns = 20_000
        let threads = try (0..<2).map { me in
            try #require(
                Concurrency.Thread {
                    for turn in 0..<UInt32(turns) {
                        events[1 - me].signal()
                        while events[me].count <= turn, Deadline.now < end { events[me].wait(after: turn, until: end) }
                    }
                })
        }
        for thread in threads { thread.join() }
        #expect(events.allSatisfy { $0.count == UInt32(turns) } && Deadline.now < end)
    }

    @Test func `a descriptor stays signaled until it is cleared`() {
        let event = EventDescriptor()
        #expect(!event.isSignaled && !event.wait(until: .now))
        event.signal()
        event.signal()
        var descriptor = pollfd(fd: event.descriptor, events: Int16(POLLIN), revents: 0)
        #expect(event.wait(until: .never) && poll(&descriptor, 1, 0) == 1)
        event.clear()
        #expect(!event.isSignaled && poll(&descriptor, 1, 0) == 0)
    }

    @Test func `a cancelled token ends the present wait and every later one`() throws {
        let token = CancellationToken()
        let event = EventCount()
        let results = Lock<[Bool]>([])
        let thread = try #require(
            Concurrency.Thread {
                for _ in 0..<2 {
                    let isOver = event.wait(after: event.count, until: .never, cancellation: token)
                    results.withLock { $0.append(isOver) }
                }
            })
        usleep(20_000)
        token.cancel()
        thread.join()
        #expect(results.withLock { $0 } == [false, false])
    }
}
