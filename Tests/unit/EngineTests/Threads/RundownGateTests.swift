import Concurrency
import Foundation
import Synchronization
import Testing

@testable import Engine

@Suite("Gate") struct RundownGateTests {
    @Test func `no caller enters a closed gate`() {
        let gate = RundownGate()
        let word = gate.enter()
        #expect(word != nil)
        if let word { gate.leave(word) }
        #expect(gate.close())
        #expect(!gate.close())
        #expect(gate.enter() == nil)
        gate.drain()
        gate.reopen()
        #expect(gate.enter() != nil)
    }

    /// While threads come and go, `drain` returns only when nobody is inside, and nobody enters afterwards.
    @Test func `drain waits for those inside`() {
        for _ in 0..<50 {
            let gate = RundownGate()
            let inside = Atomic<Int>(0)
            let isDrained = Atomic<Bool>(false)
            let wrong = Atomic<Int>(0)
            withExtendedLifetime(gate) {
                let threads = (0..<4).map { _ in
                    Foundation.Thread {
                        while let word = gate.enter() {
                            inside.wrappingAdd(1, ordering: .sequentiallyConsistent)
                            if isDrained.load(ordering: .sequentiallyConsistent) { wrong.wrappingAdd(1, ordering: .relaxed) }
                            inside.wrappingSubtract(1, ordering: .sequentiallyConsistent)
                            gate.leave(word)
                        }
                    }
                }
                for thread in threads { thread.start() }
                #expect(gate.close())
                gate.drain()
                isDrained.store(true, ordering: .sequentiallyConsistent)
                #expect(inside.load(ordering: .sequentiallyConsistent) == 0)
                while threads.contains(where: { !$0.isFinished }) { sched_yield() }
            }
            #expect(wrong.load(ordering: .relaxed) == 0)
        }
    }
}
