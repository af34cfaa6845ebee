import CLinux

/// The values of a request's slots, as PostgreSQL reads them in text format: one NUL-terminated run of bytes each.
///
/// Slots are numbered from 0 in the order of appending. The bytes in front of the NULs, joined, also identify the values: they are the part
/// of a cache key in which two requests of one shape differ.
package struct ParameterList: ~Copyable {
    private var buffer = ByteBuffer(capacity: 256)
    /// Where each value starts; -1 for SQL NULL.
    private var starts: [Int32] = []

    package init() { starts.reserveCapacity(8) }

    package var count: Int { starts.count }

    /// Returns a copy.
    package borrowing func copy() -> ParameterList {
        var copy = ParameterList()
        copy.buffer.append(buffer.bytes)
        copy.starts = starts
        return copy
    }

    /// All bytes, closing NULs included. Equal lists have equal bytes: no value holds a NUL, and SQL NULL is marked by a byte that UTF-8
    /// does not have.
    package var bytes: UnsafeRawBufferPointer { buffer.bytes }

    package mutating func appendNull() {
        starts.append(-1)
        buffer.append(0xFF)
        buffer.append(0)
    }

    /// Appends what `write` writes. It must not write a NUL.
    package mutating func append(_ write: (inout ByteBuffer) throws(Failure) -> Void) throws(Failure) {
        starts.append(Int32(truncatingIfNeeded: buffer.count))
        try write(&buffer)
        buffer.append(0)
    }

    /// A value as a C string; nil for SQL NULL and for a slot that is not there. Valid until the list changes or goes.
    package func pointer(_ slot: Int) -> UnsafePointer<CChar>? {
        guard slot < starts.count, starts[slot] >= 0, let base = buffer.bytes.baseAddress else { return nil }
        return (base + Int(starts[slot])).assumingMemoryBound(to: CChar.self)
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
