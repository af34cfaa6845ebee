import Concurrency
import Testing

@testable import Engine

@Suite("Queues of transactions") struct PerTransactionQueueTests {
    private func request(_ number: UInt64) -> Submissions.Request {
        Submissions.Request(number: number, text: [], arrival: .never, latestStart: .never)
    }

    @Test func `a transaction's requests run one after another`() {
        let done = Lock<[UInt64]>([])
        let finished = Semaphore()
        let queue = PerTransactionQueue(threads: 3, capacity: 100, isQueued: { _ in true }) { request in
            if done.withLock({
                $0.append(request.number); return $0.count
            }) == 50 {
                finished.signal()
            }
        }
        for number in 0..<UInt64(50) { #expect(queue.add(request(number), to: [1])) }
        finished.wait()
        queue.close()
        #expect(done.withLock { $0 } == Array(0..<50))
    }

    @Test func `cancelled requests make room for others while one blocks the transaction`() {
        let go = Semaphore()
        let started = Semaphore()
        let finished = Semaphore()
        let done = Lock<[UInt64]>([])
        // Every hundredth request is not cancelled.
        let queue = PerTransactionQueue(threads: 1, capacity: 10, isQueued: { $0.number % 100 == 0 }) { request in
            if request.number == 1 {
                started.signal()
                go.wait()
            }
            done.withLock { $0.append(request.number) }
            if request.number == 501 { finished.signal() }
        }
        #expect(queue.add(request(1), to: [1]))
        started.wait()
        for number in 2...UInt64(501) { #expect(queue.add(request(number), to: [1])) }
        go.signal()
        finished.wait()
        queue.close()
        let ran = done.withLock { $0 }
        #expect(ran.count < 30)
        #expect(ran.filter { $0 % 100 == 0 } == [100, 200, 300, 400, 500])
        #expect(ran.first == 1)
    }
}
