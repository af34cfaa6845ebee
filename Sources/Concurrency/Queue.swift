/// A first-in-first-out queue in one array. Taking leaves a gap at the front, which is closed when it outgrows the rest. Appending and
/// taking cost amortised O(1). A value.
package struct Queue<Element>: ExpressibleByArrayLiteral {
    private var elements: [Element?] = []
    private var head = 0

    /// Smaller gaps are not closed.
    private static var slack: Int { 64 }

    package init() {}

    package init(arrayLiteral elements: Element...) { self.elements = elements }

    package var count: Int { elements.count - head }
    package var isEmpty: Bool { head == elements.count }
    package var first: Element? { isEmpty ? nil : elements[head] }

    package mutating func append(_ element: Element) { elements.append(element) }

    /// Puts an element in front. Costs O(count), unless an element was taken since the gap was closed.
    package mutating func prepend(_ element: Element) {
        if head > 0 {
            head -= 1
            elements[head] = element
        } else {
            elements.insert(element, at: 0)
        }
    }

    package mutating func popFirst() -> Element? {
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

    package mutating func popLast() -> Element? { isEmpty ? nil : elements.removeLast() }

    package mutating func removeAll() {
        elements = []
        head = 0
    }

    /// Keeps the elements that satisfy `isWanted`, in their order.
    package mutating func keep(_ isWanted: (Element) -> Bool) {
        elements = elements[head...].filter { $0.map(isWanted) ?? false }
        head = 0
    }

    package func forEach(_ body: (Element) -> Void) {
        for element in elements[head...] { if let element { body(element) } }
    }
}

extension Queue: Sendable where Element: Sendable {}
