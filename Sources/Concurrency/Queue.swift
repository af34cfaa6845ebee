/// A first-in-first-out queue in one array. Taking leaves a gap at the front, which is closed when it outgrows the rest. Appending and
/// taking cost amortised O(1). A value.
///
/// Why inlinable: generic code of another module asks the runtime for its types with each call.
package struct Queue<Element>: ExpressibleByArrayLiteral {
    @usableFromInline package var elements: [Element?] = []
    @usableFromInline package var head = 0

    /// Smaller gaps are not closed.
    @usableFromInline package static var slack: Int { 64 }

    @inlinable package init() {}

    package init(arrayLiteral elements: Element...) { self.elements = elements }

    @inlinable package var count: Int { elements.count - head }
    @inlinable package var isEmpty: Bool { head == elements.count }
    @inlinable package var first: Element? { isEmpty ? nil : elements[head] }

    @inlinable package mutating func append(_ element: Element) { elements.append(element) }

    /// Puts an element in front. Costs O(count), unless an element was taken since the gap was closed.
    @inlinable package mutating func prepend(_ element: Element) {
        if head > 0 {
            head -= 1
            elements[head] = element
        } else {
            elements.insert(element, at: 0)
        }
    }

    /// Puts them in front, in their order. Costs O(count), unless as many were taken since the gap was closed.
    @inlinable package mutating func prepend(contentsOf others: [Element]) {
        if head >= others.count {
            head -= others.count
            for (index, element) in others.enumerated() { elements[head + index] = element }
        } else {
            elements.replaceSubrange(0..<head, with: others.map { $0 })
            head = 0
        }
    }

    /// Takes as many from the front.
    @inlinable package mutating func popFirst(most: Int) -> [Element] {
        var taken: [Element] = []
        taken.reserveCapacity(min(most, count))
        while taken.count < most, let element = popFirst() { taken.append(element) }
        return taken
    }

    @inlinable package mutating func popFirst() -> Element? {
        guard head < elements.count else { return nil }
        let element = elements[head]
        elements[head] = nil
        head += 1
        if head == elements.count {
            elements.removeAll(keepingCapacity: elements.count <= 1024)
            head = 0
        } else if head > Self.slack && head * 2 > elements.count {
            elements.removeFirst(head)
            head = 0
        }
        return element
    }

    @inlinable package mutating func popLast() -> Element? { isEmpty ? nil : elements.removeLast() }

    @inlinable package mutating func removeAll() {
        elements = []
        head = 0
    }

    /// Keeps the elements that satisfy `isWanted`, in their order.
    @inlinable package mutating func keep(_ isWanted: (Element) -> Bool) {
        elements = elements[head...].filter { $0.map(isWanted) ?? false }
        head = 0
    }

    @inlinable package func forEach(_ body: (Element) -> Void) {
        for element in elements[head...] { if let element { body(element) } }
    }
}

extension Queue: Sendable where Element: Sendable {}
