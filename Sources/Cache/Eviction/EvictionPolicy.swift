/// Decides which items stay within a budget of bytes. A pure value: its time consists of insertions and uses.
///
/// A read of an item calls nothing here. It replaces the item's `accessRecord`, at most once in a tick. Belongs to one thread at a time.
/// Users are generic over it, so that the compiler specialises them for their policy.
protocol EvictionPolicy<Item> {
    associatedtype Item: Evictable

    /// Bytes that the items may take.
    var budget: Int { get set }
    var bytes: Int { get }
    var count: Int { get }
    /// Bytes of its own tables.
    var tableSize: Int { get }
    /// The time by which uses are counted; see `AccessRecord`.
    var tick: AccessRecord.Tick { get }
    /// The part of a doubling by which uses fade in one turnover.
    var decay: Float { get }

    /// Advances time by one insertion and counts the key, whether or not its item will be kept.
    mutating func recordInsertion(_ keyHash: UInt64)
    /// Adds an item. `selectVictims` returns what has to go for it, which may be the item itself.
    mutating func insert(_ item: Item, _ keyHash: UInt64, size: Int)
    /// Adds to `victims` the items that have to go until the rest is within the budget.
    ///
    /// They have left the policy when it returns. The caller has to call `remember` for each.
    mutating func selectVictims(_ victims: inout MappedArray<Victim<Item>>)
    /// Remembers how often an item was used that has left.
    func remember(_ item: Item, _ keyHash: UInt64)
    func deallocate()
}

/// An item that has to go.
struct Victim<Item: Evictable>: BitwiseCopyable {
    let item: Item
    let size: Int
}
