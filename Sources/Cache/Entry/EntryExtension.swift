import CLinux
import Synchronization

/// What few entries have: other texts that lead to them, tags of later requests, and a longer life than their own text asks for.
///
/// Made when it is first needed, and freed with the entry.
struct EntryExtension: ~Copyable {
    /// The address of the newest `TagChunk`, or 0. Any thread reads it.
    let tags: Atomic<UInt>
    /// Other texts that lead here. This and `maxAge` belong to the holder of the store's lock.
    var aliases: TextAliasPointer?
    /// Seconds; 0 means what the entry's own text asks for.
    var maxAge: UInt32

    static func free(_ extensionBlock: UnsafeMutablePointer<EntryExtension>) {
        var more = extensionBlock.pointee.tags.load(ordering: .relaxed)
        while let tags = UnsafeMutablePointer<TagChunk>(bitPattern: more) {
            more = tags.pointee.next
            Arena.free(tags)
        }
        Arena.free(extensionBlock)
    }
}

/// Tags that were added to a published entry: a list that grows only at its head.
struct TagChunk: ~Copyable {
    let next: UInt
    let count: Int

    static let headerSize = MemoryLayout<TagChunk>.size
}

extension UnsafeMutablePointer where Pointee == EntryExtension {
    /// Bytes that it takes, without the aliases.
    var cost: Int {
        var cost = Arena.cost(of: MemoryLayout<EntryExtension>.size)
        forEachBlock { cost += Arena.cost(of: TagChunk.headerSize + $0.pointee.count * 8) }
        return cost
    }

    func hasTag(where condition: (Cache.Tag) -> Bool) -> Bool {
        var isFound = false
        forEachBlock { block in
            let tags = UnsafeMutableRawPointer(block) + TagChunk.headerSize
            for index in 0..<block.pointee.count where !isFound {
                isFound = condition(tags.load(fromByteOffset: index * 8, as: Cache.Tag.self))
            }
        }
        return isFound
    }

    private func forEachBlock(_ visit: (UnsafeMutablePointer<TagChunk>) -> Void) {
        var more = pointee.tags.load(ordering: .acquiring)
        while let block = UnsafeMutablePointer<TagChunk>(bitPattern: more) {
            visit(block)
            more = block.pointee.next
        }
    }
}

extension UnsafeMutablePointer where Pointee == Entry {
    @inline(__always)
    var extensionBlock: UnsafeMutablePointer<EntryExtension>? {
        let id = pointee.extensionBlock.load(ordering: .acquiring)
        return id == 0 ? nil : Arena.table.address(id)?.assumingMemoryBound(to: EntryExtension.self)
    }

    // MARK: For the holder of the store's lock

    /// Returns nil if there is no memory.
    @discardableResult
    func makeExtension() -> UnsafeMutablePointer<EntryExtension>? {
        if let extensionBlock { return extensionBlock }
        guard let block = Arena.allocate(MemoryLayout<EntryExtension>.size) else { return nil }
        let extensionBlock = block.assumingMemoryBound(to: EntryExtension.self)
        extensionBlock.initialize(to: EntryExtension(tags: Atomic(0), aliases: nil, maxAge: 0))
        pointee.extensionBlock.store(ChunkTable.id(of: block), ordering: .releasing)
        return extensionBlock
    }

    /// Adds tags that the entry does not have yet. Returns false if there is no memory.
    func add(tags added: [Cache.Tag]) -> Bool {
        guard let extensionBlock = makeExtension(), let block = Arena.allocate(TagChunk.headerSize + added.count * 8) else { return false }
        let more = block.assumingMemoryBound(to: TagChunk.self)
        more.initialize(to: TagChunk(next: extensionBlock.pointee.tags.load(ordering: .relaxed), count: added.count))
        for (index, tag) in added.enumerated() {
            block.storeBytes(of: tag.hash, toByteOffset: TagChunk.headerSize + index * 8, as: UInt64.self)
        }
        extensionBlock.pointee.tags.store(UInt(bitPattern: more), ordering: .releasing)
        return true
    }

    /// Seconds for which it is kept: the most that a request asked for.
    var maxAge: UInt32 { max(pointee.lookupHeader.windows.maxAge, extensionBlock?.pointee.maxAge ?? 0) }

    func raiseMaxAge(to maxAge: UInt32) {
        if maxAge > self.maxAge { makeExtension()?.pointee.maxAge = maxAge }
    }

    /// Other texts that lead here, the newest first.
    var aliases: TextAliasPointer? { extensionBlock?.pointee.aliases }

    func set(aliases: TextAliasPointer?) {
        if aliases == nil { extensionBlock?.pointee.aliases = nil } else { makeExtension()?.pointee.aliases = aliases }
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
