import CLinux
import Synchronization

/// What few entries have: other texts that lead to them, tags that later requests brought, a longer life than their own text asks
/// for. Made when it is first needed, and freed with the entry.
struct Extras: ~Copyable {
    /// The address of the newest `MoreTags`, or 0. Any thread reads them.
    let tags: Atomic<UInt>
    /// Other texts that lead here. These and `life` belong to the holder of the store's lock.
    var aliases: AliasPointer?
    /// Seconds; 0: what its text asks for.
    var life: UInt32

    static func free(_ extras: UnsafeMutablePointer<Extras>) {
        var more = extras.pointee.tags.load(ordering: .relaxed)
        while let tags = UnsafeMutablePointer<MoreTags>(bitPattern: more) {
            more = tags.pointee.next
            Arena.free(tags)
        }
        Arena.free(extras)
    }
}

/// Tags that were added to an entry after it was published; a list that only grows at its head.
struct MoreTags: ~Copyable {
    let next: UInt
    let count: Int

    static let headerSize = MemoryLayout<MoreTags>.size
}

extension UnsafeMutablePointer where Pointee == Extras {
    /// Bytes that they take, without the aliases.
    var cost: Int {
        var cost = Arena.cost(of: MemoryLayout<Extras>.size)
        forEachBlock { cost += Arena.cost(of: MoreTags.headerSize + $0.pointee.count * 8) }
        return cost
    }

    func hasTag(where condition: (Cache.Tag) -> Bool) -> Bool {
        var isFound = false
        forEachBlock { block in
            let tags = UnsafeMutableRawPointer(block) + MoreTags.headerSize
            for index in 0..<block.pointee.count where !isFound {
                isFound = condition(tags.load(fromByteOffset: index * 8, as: Cache.Tag.self))
            }
        }
        return isFound
    }

    private func forEachBlock(_ visit: (UnsafeMutablePointer<MoreTags>) -> Void) {
        var more = pointee.tags.load(ordering: .acquiring)
        while let block = UnsafeMutablePointer<MoreTags>(bitPattern: more) {
            visit(block)
            more = block.pointee.next
        }
    }
}

extension UnsafeMutablePointer where Pointee == Entry {
    @inline(__always)
    var extras: UnsafeMutablePointer<Extras>? {
        let name = pointee.extras.load(ordering: .acquiring)
        return name == 0 ? nil : Arena.table.address(name)?.assumingMemoryBound(to: Extras.self)
    }

    // MARK: For the holder of the store's lock

    /// Nil for want of memory.
    @discardableResult
    func makeExtras() -> UnsafeMutablePointer<Extras>? {
        if let extras { return extras }
        guard let block = Arena.allocate(MemoryLayout<Extras>.size) else { return nil }
        let extras = block.assumingMemoryBound(to: Extras.self)
        extras.initialize(to: Extras(tags: Atomic(0), aliases: nil, life: 0))
        pointee.extras.store(ChunkTable.name(of: block), ordering: .releasing)
        return extras
    }

    /// Adds tags that it does not have yet; false for want of memory.
    func add(tags added: [Cache.Tag]) -> Bool {
        guard let extras = makeExtras(), let block = Arena.allocate(MoreTags.headerSize + added.count * 8) else { return false }
        let more = block.assumingMemoryBound(to: MoreTags.self)
        more.initialize(to: MoreTags(next: extras.pointee.tags.load(ordering: .relaxed), count: added.count))
        for (index, tag) in added.enumerated() {
            block.storeBytes(of: tag.hash, toByteOffset: MoreTags.headerSize + index * 8, as: UInt64.self)
        }
        extras.pointee.tags.store(UInt(bitPattern: more), ordering: .releasing)
        return true
    }

    /// Seconds for which it is kept: the longest that any request asked for.
    var life: UInt32 { max(pointee.way.windows.life, extras?.pointee.life ?? 0) }

    func prolong(to life: UInt32) {
        if life > self.life { makeExtras()?.pointee.life = life }
    }

    /// Other texts that lead here, the newest first.
    var aliases: AliasPointer? { extras?.pointee.aliases }

    func set(aliases: AliasPointer?) {
        if aliases == nil { extras?.pointee.aliases = nil } else { makeExtras()?.pointee.aliases = aliases }
    }

    var aliasCount: Int {
        var count = 0
        var alias = aliases
        while let known = alias {
            count += 1
            alias = known.pointee.next
        }
        return count
    }
}
