import Concurrency
import Foundation
import Synchronization
import Testing

@testable import Engine

@Suite("Work queue") struct ThreadPoolTests {
    @Test func `every job is done once`() {
        let done = Lock<[Int]>([])
        let finished = Semaphore()
        let queue = ThreadPool<Int>(threads: 3, capacity: 10_000) { job in
            if done.withLock({
                $0.append(job); return $0.count
            }) == 1000 {
                finished.signal()
            }
        }
        for job in 0..<1000 { #expect(queue.add(job)) }
        finished.wait()
        queue.close()
        #expect(done.withLock { $0.sorted() } == Array(0..<1000))
    }

    @Test func `what is taken is done elsewhere, and what is put back is first`() {
        let go = Semaphore()
        let started = Semaphore()
        let done = Lock<[Int]>([])
        let queue = ThreadPool<Int>(threads: 1, capacity: 10) { job in
            done.withLock { $0.append(job) }
            started.signal()
            if job == 0 { go.wait() }
        }
        for job in 0..<5 { #expect(queue.add(job)) }
        started.wait()
        #expect(queue.count == 4)
        #expect(queue.take(most: 3) == [1, 2, 3])
        queue.putBack([2, 3])
        go.signal()
        for _ in 0..<3 { started.wait() }
        #expect(queue.take(most: 9) == [])
        queue.close()
        #expect(done.withLock { $0 } == [0, 2, 3, 4])
    }

    @Test func `more than the capacity is refused`() {
        let go = Semaphore()
        let started = Semaphore()
        let queue = ThreadPool<Int>(threads: 1, capacity: 2) { _ in
            started.signal()
            go.wait()
        }
        #expect(queue.add(0))
        started.wait()
        #expect(queue.add(1))
        #expect(queue.add(2))
        #expect(!queue.add(3))
        for _ in 0..<3 { go.signal() }
        queue.close()
        #expect(!queue.add(4))
    }

    @Test func `a slow job keeps no other thread from working`() {
        let go = Semaphore()
        let other = Semaphore()
        let queue = ThreadPool<Bool>(threads: 2, capacity: 10) { isSlow in
            if isSlow { go.wait() } else { other.signal() }
        }
        #expect(queue.add(true))
        #expect(queue.add(false))
        other.wait()
        go.signal()
        queue.close()
    }

    @Test func `a wait ends in time or when the signal is raised`() {
        let start = Clock.monotonic
        Semaphore().wait(until: start + 1_000_000)
        #expect(Clock.monotonic >= start + 1_000_000)
        let semaphore = Semaphore()
        semaphore.signal()
        semaphore.wait(until: start + 3_600_000_000_000)
        #expect(Clock.monotonic < start + 3_600_000_000_000)
    }

    @Test func `jobs that are not wanted any more make room`() {
        let go = Semaphore()
        let started = Semaphore()
        let done = Lock<[Int]>([])
        let end = Semaphore()
        let queue = ThreadPool<Int>(threads: 1, capacity: 3) { job in
            if job == 0 {
                started.signal()
                go.wait()
            }
            done.withLock { $0.append(job) }
            if job == 4 { end.signal() }
        }
        #expect(queue.add(0))
        started.wait()
        #expect(queue.add(1) && queue.add(2) && queue.add(3) && !queue.add(4))
        queue.keep { $0 == 2 }
        #expect(queue.add(4))
        go.signal()
        end.wait()
        queue.close()
        #expect(done.withLock { $0 } == [0, 2, 4])
    }
}
