import Concurrency

/// Waiters in the order of their arrival. Appending, taking the first and removing any one cost O(1), amortised.
struct WaiterQueue {
    typealias ID = UInt64

    /// In order. Waiters that left remain until they reach the front.
    private var order = Queue<ID>()
    private var present: Set<ID> = []

    var isEmpty: Bool { present.isEmpty }
    var count: Int { present.count }

    func contains(_ waiter: ID) -> Bool { present.contains(waiter) }
    func allSatisfy(_ condition: (ID) -> Bool) -> Bool { present.allSatisfy(condition) }

    mutating func append(_ waiter: ID, inFront: Bool = false) {
        present.insert(waiter)
        if inFront { order.prepend(waiter) } else { order.append(waiter) }
    }

    mutating func popFirst() -> ID? {
        while let waiter = order.popFirst() { if present.remove(waiter) != nil { return waiter } }
        return nil
    }

    /// Returns false if the waiter was not in the queue.
    mutating func remove(_ waiter: ID) -> Bool {
        guard present.remove(waiter) != nil else { return false }
        // Why: many waiters that leave from the middle must not keep their places for ever.
        if order.count > 2 * present.count + 64 { order.keep { present.contains($0) } }
        return true
    }
}
