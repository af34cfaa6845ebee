/// The database's answer to a request.
extension Cache {
    package struct Answer: @unchecked Sendable {
        // Sendable because its holder owns the bytes.
        /// Memory from `malloc`: `size` bytes, a NUL, and possibly spare capacity.
        package let bytes: UnsafeMutableRawPointer
        package let size: Int
        /// Wall clock, milliseconds since 1970.
        package let lastModified: Int64
        package let signature: Signature
        /// False if it goes to those who wait for it and is not kept.
        package var isKept = true

        /// Returns nil for 4 GiB or more, which no entry can hold. The bytes then stay the caller's; otherwise the answer owns them.
        package init?(bytes: UnsafeMutableRawPointer, size: Int, lastModified: Int64, signature: Signature) {
            guard size >= 0, size <= CacheLimit.answerBytes else { return nil }
            self.bytes = bytes
            self.size = size
            self.lastModified = lastModified
            self.signature = signature
        }
    }

    /// The 128 bits that identify an operation.
    package struct Signature: Sendable, Equatable {
        package let high: UInt64
        package let low: UInt64

        package init(high: UInt64, low: UInt64) {
            self.high = high
            self.low = low
        }
    }
}
