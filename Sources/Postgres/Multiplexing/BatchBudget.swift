/// How many reads may still be added to a batch, and how long they may take the server: a pure value.
///
/// The reads of a batch are answered one after the other. So those before the last one take `PostgresLimit.multiplexedNanoseconds` together at
/// most, as a rule.
package struct BatchBudget: Equatable {
    package private(set) var count: Int
    private(set) var microseconds = UInt32(PostgresLimit.multiplexedNanoseconds / 1_000)

    init(count: Int) { self.count = count }

    /// Adds a read. Returns false, and changes nothing, if it does not fit.
    package mutating func add(_ batch: StatementBatch) -> Bool { add(batch.cost.cost) }

    mutating func add(_ cost: ReadCost) -> Bool {
        guard count > 0, cost.microseconds <= microseconds else { return false }
        count -= 1
        microseconds -= cost.microseconds
        return true
    }
}
