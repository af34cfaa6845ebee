/// The requests by the time when each has to be examined: a binary heap.
///
/// A finished request stays in it and is skipped later. There are never more than twice as many finished requests as others.
struct DeadlineHeap {
    private struct Element {
        let time: UInt64
        let number: UInt64
    }

    private var heap: [Element] = []

    /// This many finished requests may stay, however few others there are.
    private static let slack = 64

    /// When the first one is due; `.max` when there is none.
    var soonest: UInt64 { heap.first?.time ?? .max }
    var count: Int { heap.count }

    /// Adds a request. Returns true if it is the soonest now. Costs a logarithm.
    mutating func add(_ number: UInt64, at time: UInt64) -> Bool {
        let isSoonest = time < soonest
        heap.append(Element(time: time, number: number))
        var place = heap.count - 1
        while place > 0, heap[place].time < heap[(place - 1) / 2].time {
            heap.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
        return isSoonest
    }

    /// One that is due; nil when there is none.
    mutating func takeDue(_ now: UInt64) -> UInt64? {
        guard let first = heap.first, first.time <= now else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty { sink(last) }
        return first.number
    }

    /// Drops finished requests if there are too many of them.
    mutating func compact(_ undone: Int, isUndone: (UInt64) -> Bool) {
        guard heap.count > 2 * undone + DeadlineHeap.slack else { return }
        heap.removeAll { !isUndone($0.number) }
        // A sorted list is a heap.
        heap.sort { $0.time < $1.time }
    }

    /// Replaces the first element.
    private mutating func sink(_ element: Element) {
        var place = 0
        while true {
            var child = 2 * place + 1
            if child >= heap.count { break }
            if child + 1 < heap.count, heap[child + 1].time < heap[child].time { child += 1 }
            if element.time <= heap[child].time { break }
            heap[place] = heap[child]
            place = child
        }
        heap[place] = element
    }
}
