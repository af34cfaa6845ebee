import Locking

/// A value that is set after its owner was made, once.
final class LateInit<Value: Sendable>: Sendable {
    private let content = Lock<Value?>(nil)

    func set(_ value: Value?) { content.withLock { $0 = value } }

    var value: Value? { content.withLock { $0 } }
}
