import Testing

@testable import Concurrency

@Suite struct QueueTests {
    @Test func `it is first in, first out, whatever comes between`() {
        var random = SystemRandomNumberGenerator()
        var queue = Queue<Int>()
        var model: [Int] = []
        for number in 0..<200_000 {
            switch Int.random(in: 0..<100, using: &random) {
            case 0..<48:
                queue.append(number)
                model.append(number)
            case 48..<96:
                let first = queue.popFirst()
                let expected = model.isEmpty ? nil : model.removeFirst()
                #expect(first == expected)
            case 96..<98:
                queue.prepend(number)
                model.insert(number, at: 0)
            case 98:
                let last = queue.popLast()
                let expected = model.popLast()
                #expect(last == expected)
            default:
                queue.keep { $0 % 3 != 0 }
                model.removeAll { $0 % 3 == 0 }
            }
            #expect(queue.count == model.count && queue.first == model.first && queue.isEmpty == model.isEmpty)
        }
        var rest: [Int] = []
        queue.forEach { rest.append($0) }
        #expect(rest == model)
        queue.removeAll()
        let (first, last) = (queue.popFirst(), queue.popLast())
        #expect(queue.isEmpty && first == nil && last == nil)
    }

    @Test func `what was taken is let go at once`() {
        final class Element {}
        var queue = Queue<Element>()
        weak var taken: Element?
        do {
            let element = Element()
            taken = element
            queue.append(element)
            queue.append(Element())
        }
        _ = queue.popFirst()
        #expect(taken == nil && queue.count == 1)
    }

    @Test func `a pause doubles up to its limit, and jitter takes half of it at most`() {
        let backoff = Backoff(first: 100, longest: 1_000)
        for (failures, span) in [(0, 100), (1, 100), (2, 200), (3, 400), (4, 800), (5, 1_000), (1_000_000, 1_000)] {
            for jitter in [0, 1, 7, UInt64.max] {
                let pause = backoff.pause(afterFailures: failures, jitter: jitter)
                #expect(pause >= Int64(span / 2) && pause < Int64(span))
            }
        }
        #expect(Backoff(first: 1, longest: 1).pause(afterFailures: 1, jitter: .max) >= 0)
    }
}
