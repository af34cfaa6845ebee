/// A value that is set after its owner was made. Any thread.
package final class LateInit<Value: Sendable>: Sendable {
    @usableFromInline package let content = Lock<Value?>(nil)

    package init() {}

    package func set(_ value: Value?) { content.withLock { $0 = value } }

    @inlinable package var value: Value? { content.withLock { $0 } }
}
