/// Decides which items stay within a budget of bytes. A pure value: it knows time only from insertions and uses.
///
/// A read of an item calls nothing here; it replaces the item's `accessRecord`, at most once in a tick. Belongs to one thread at a time.
/// Users are generic over it, so that the compiler specialises them for the policy that they are made with.
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

    /// Time passes by one insertion, and the key is counted, whether its item will be kept or not.
    mutating func recordInsertion(_ keyHash: UInt64)
    /// Takes an item in. `selectVictims` tells what has to go for it, which may be the item itself.
    mutating func insert(_ item: Item, _ keyHash: UInt64, size: Int)
    /// Adds to `victims` the items that have to go until all is within the budget. They are out when it returns; `remember` has to be
    /// called for each.
    mutating func selectVictims(_ victims: inout MappedArray<Victim<Item>>)
    /// Keeps in mind how often an item was used that is out.
    func remember(_ item: Item, _ keyHash: UInt64)
    func deallocate()
}

/// An item that has to go.
struct Victim<Item: Evictable>: BitwiseCopyable {
    let item: Item
    let size: Int
}
