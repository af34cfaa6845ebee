import CLinux
import Concurrency

// What a snapshot takes from a cache, and brings into one.

extension Cache {
    /// The number of the last invalidation. What is restored after `restore` was given it, and invalidated after it was read, is dropped.
    package var invalidationNumber: UInt64 { store.withLock { $0.invalidations.currentVersion } }

    /// Tags whose answers are neither kept nor found just now.
    package var suspendedTags: Set<Tag> { store.withLock { $0.suspended } }

    /// The tags of all entries.
    package func collectTags(now: UInt64) -> Set<Tag> {
        var tags: Set<Tag> = []
        visit(now: now, without: []) { entry, _ in for tag in entry.tags { tags.insert(tag) } }
        return tags
    }

    /// Writes all entries that are valid and of use, and have tags that `accepts` takes.
    /// - Parameter suspended: an entry with one of these tags is left out, beside those that are suspended now.
    package func write(
        to writer: SnapshotWriter, now: UInt64, without suspended: Set<Tag>, where accepts: (Tag) -> Bool = { _ in true }
    ) throws(SnapshotFault) {
        var fault: SnapshotFault?
        visit(now: now, without: suspended) { entry, maxAge in
            if fault != nil || entry.hasTag(where: { !accepts($0) }) { return }
            do throws(SnapshotFault) {
                try writer.append(entry, maxAge: maxAge, age: now > entry.pointee.loadedAt ? now &- entry.pointee.loadedAt : 0)
            } catch { fault = error }
        }
        if let fault { throw fault }
    }

    /// Calls `body` with each entry that is valid and its `maxAge`, without the lock. Those that come meanwhile may be left out.
    private func visit(now: UInt64, without suspended: Set<Tag>, _ body: (EntryPointer, _ maxAge: UInt32) -> Void) {
        var place = Int.max
        var portion: [(entry: EntryPointer, maxAge: UInt32)] = []
        while place > 0 {
            portion.removeAll(keepingCapacity: true)
            store.withLock { $0.retain(into: &portion, before: &place, now, without: suspended) }
            for (entry, maxAge) in portion {
                body(entry, maxAge)
                BlockHeader.release(UInt(bitPattern: entry))
            }
        }
    }

    /// Keeps an entry of a snapshot, unless there is an answer already. Whether it is kept.
    /// - Parameters:
    ///   - key: in the place of the entry's own, which belongs to another process.
    ///   - elapsed: nanoseconds since the snapshot was made.
    ///   - number: what `invalidationNumber` was before it was known that the entry is valid.
    package func restore(_ entry: SnapshotEntry, key: UnsafeRawBufferPointer, elapsed: UInt64, number: UInt64, now: UInt64) -> Bool {
        let record = entry.record
        let (age, isTooOld) = record.age.addingReportingOverflow(elapsed)
        if isTooOld || age >= UInt64(record.maxAge) &* MonotonicTime.second { return false }
        guard let bytes = malloc(entry.answer.count + 1) else { return false }
        if let base = entry.answer.baseAddress { memcpy(bytes, base, entry.answer.count) }
        bytes.storeBytes(of: 0, toByteOffset: entry.answer.count, as: UInt8.self)
        guard let answer = Answer(bytes: bytes, size: entry.answer.count, lastModified: record.lastModified, signature: entry.signature) else {
            free(bytes)
            return false
        }
        let (ttl, swr) = (Int(record.ttl), Int(record.swr))
        let strategy = Strategy(ttl: ttl, swr: swr, staleIfError: max(0, Int(record.maxAge) - ttl - swr), tags: entry.tags)
        let read = Read(key: key, text: entry.text, strategy: strategy)
        let (query, restored, isKept) = store.withLock { $0.restore(read, answer, age: age, number: number, now) }
        query?.free()
        if let restored { BlockHeader.release(UInt(bitPattern: restored)) } else { free(bytes) }
        return isKept
    }
}

extension Store {
    /// Retains the valid entries before a place, a portion of them, and moves the place down.
    ///
    /// Why with their `maxAge`: reads raise it, and it belongs to the holder of the lock.
    mutating func retain(
        into portion: inout [(entry: EntryPointer, maxAge: UInt32)], before place: inout Int, _ now: UInt64, without suspended: Set<Cache.Tag>
    ) {
        place = min(place, eviction.span)
        for _ in 0..<CacheLimit.portion where place > 0 {
            place -= 1
            guard let entry = eviction.entry(place), !isUseless(entry, now) else { continue }
            if !self.suspended.isEmpty || !suspended.isEmpty, entry.hasTag(where: { self.suspended.contains($0) || suspended.contains($0) }) { continue }
            BlockHeader.retain(UInt(bitPattern: entry))
            portion.append((entry, entry.maxAge))
        }
    }

    /// The query and the entry are the caller's: to be freed and released. Without them the answer's bytes are.
    mutating func restore(
        _ read: borrowing Cache.Read, _ answer: Cache.Answer, age: UInt64, number: UInt64, _ now: UInt64
    ) -> (InflightQueryPointer?, EntryPointer?, isKept: Bool) {
        let hash = Hash.of(read.key, seed: seed)
        if find(read.key, hash) != nil { return (nil, nil, false) }
        let query = InflightQueryPointer.make(read, keyHash: hash, textHash: Hash.of(read.text, seed: seed), readVersion: number, now: now)
        let entry = complete(query, answer, age: age, now).entry
        return (query, entry, entry.pointee.isPublished)
    }
}
