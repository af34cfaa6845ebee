/// Those who wait, in the order of their coming. Appending, taking the first and removing any one cost O(1), amortised.
struct WaiterQueue {
    typealias ID = UInt64

    /// In order from `head` on; those who left remain until they come to the front.
    private var order: [ID] = []
    private var head = 0
    private var present: Set<ID> = []

    var isEmpty: Bool { present.isEmpty }
    var count: Int { present.count }

    mutating func append(_ waiter: ID, inFront: Bool = false) {
        present.insert(waiter)
        guard inFront else { return order.append(waiter) }
        if head > 0 {
            head -= 1
            order[head] = waiter
        } else {
            order.insert(waiter, at: 0)
        }
    }

    mutating func popFirst() -> ID? {
        while head < order.count {
            let waiter = order[head]
            head += 1
            if present.remove(waiter) != nil {
                compact()
                return waiter
            }
        }
        compact()
        return nil
    }

    /// False when it was not there.
    mutating func remove(_ waiter: ID) -> Bool {
        guard present.remove(waiter) != nil else { return false }
        // Why: many who leave from the middle must not keep their places for ever.
        if order.count - head > 2 * present.count + 64 {
            order = order[head...].filter { present.contains($0) }
            head = 0
        }
        return true
    }

    private mutating func compact() {
        if head > 64, head * 2 > order.count {
            order.removeFirst(head)
            head = 0
        }
    }
}
