import Synchronization

/// Counts how often prepared statements were found to be outdated. A connection prepares again what it prepared in an earlier epoch.
///
/// Any thread may use it.
final class StatementEpoch: Sendable {
    private let count = Atomic<UInt64>(0)

    var current: UInt64 { count.load(ordering: .relaxed) }

    /// Returns the new epoch.
    @discardableResult
    func advance() -> UInt64 { count.wrappingAdd(1, ordering: .relaxed).newValue }
}
