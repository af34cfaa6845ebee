import Synchronization

/// A number that only grows. Any thread; one atomic addition.
package struct Counter: ~Copyable, Sendable {
    private let total = Atomic<UInt64>(0)

    package init() {}

    package func add(_ amount: UInt64 = 1) { total.wrappingAdd(amount, ordering: .relaxed) }

    package var value: UInt64 { total.load(ordering: .relaxed) }
}

/// A number that goes up and down: how many of something there are just now. Any thread.
package struct Gauge: ~Copyable, Sendable {
    private let level = Atomic<Int>(0)

    package init() {}

    package func increment() { level.wrappingAdd(1, ordering: .relaxed) }
    package func decrement() { level.wrappingSubtract(1, ordering: .relaxed) }

    package var value: Int { level.load(ordering: .relaxed) }
}
