import CLinux

/// The values of a request's slots, as PostgreSQL reads them in text format: one NUL-terminated run of bytes each.
///
/// Slots are numbered from 0 in the order of appending. The bytes in front of the NULs, joined, also identify the values: they are the part
/// of a cache key in which two requests of one shape differ.
///
/// Several threads may read one while none of them changes it.
package struct ParameterList: ~Copyable, @unchecked Sendable {  // Why unchecked: the storage changes only while one list has it.
    private var storage: Storage

    /// Shared by a list and its copies, until one of them is appended to.
    private final class Storage {
        var buffer = ByteBuffer(capacity: 256)
        var count = 0
        /// Where each value starts; -1 for SQL NULL.
        private var first = InlineArray<8, Int32>(repeating: 0)
        private var others: [Int32] = []

        func start(_ slot: Int) -> Int32 { slot < 8 ? first[slot] : others[slot - 8] }

        func add(start: Int32) {
            if count < 8 { first[count] = start } else { others.append(start) }
            count += 1
        }

        var copy: Storage {
            let copy = Storage()
            copy.buffer.append(buffer.bytes)
            (copy.count, copy.first, copy.others) = (count, first, others)
            return copy
        }
    }

    package init() { storage = Storage() }

    private init(_ storage: Storage) { self.storage = storage }

    package var count: Int { storage.count }

    /// Returns a copy. It costs nothing until one of the two is appended to.
    package borrowing func copy() -> ParameterList { ParameterList(storage) }

    /// All bytes, closing NULs included. Equal lists have equal bytes: no value holds a NUL, and SQL NULL is marked by a byte that UTF-8
    /// does not have.
    package var bytes: UnsafeRawBufferPointer { storage.buffer.bytes }

    package mutating func appendNull() {
        makeUnique()
        storage.add(start: -1)
        storage.buffer.append(0xFF)
        storage.buffer.append(0)
    }

    /// Appends what `write` writes. It must not write a NUL.
    package mutating func append(_ write: (inout ByteBuffer) throws(Failure) -> Void) throws(Failure) {
        makeUnique()
        storage.add(start: Int32(truncatingIfNeeded: storage.buffer.count))
        try write(&storage.buffer)
        storage.buffer.append(0)
    }

    private mutating func makeUnique() {
        if !isKnownUniquelyReferenced(&storage) { storage = storage.copy }
    }

    /// A value as a C string; nil for SQL NULL and for a slot that is not there. Valid until the list changes or goes.
    package func pointer(_ slot: Int) -> UnsafePointer<CChar>? {
        guard slot < storage.count, let base = storage.buffer.bytes.baseAddress else { return nil }
        let start = storage.start(slot)
        return start < 0 ? nil : (base + Int(start)).assumingMemoryBound(to: CChar.self)
    }
}

extension ParameterList {
    /// The bytes of a value; nil for SQL NULL and for a slot that is not there. Valid until the list changes or goes.
    package func text(_ slot: Int) -> UnsafeRawBufferPointer? {
        pointer(slot).map { UnsafeRawBufferPointer(start: $0, count: strlen($0)) }
    }

    /// Returns true if two slots hold the same value, which is not NULL.
    package func equal(_ slot: Int, _ other: Int) -> Bool {
        guard let left = pointer(slot), let right = pointer(other) else { return false }
        return strcmp(left, right) == 0
    }
}
