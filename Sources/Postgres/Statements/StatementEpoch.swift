import Synchronization

/// Counts how often it showed that prepared statements may no longer fit the database. What a connection prepared in an earlier epoch it prepares again.
///
/// Any thread.
final class StatementEpoch: Sendable {
    private let count = Atomic<UInt64>(0)

    var current: UInt64 { count.load(ordering: .relaxed) }

    /// Gives the new one.
    @discardableResult
    func advance() -> UInt64 { count.wrappingAdd(1, ordering: .relaxed).newValue }
}
