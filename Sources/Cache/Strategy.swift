/// How long one request lets an answer live, and the tags by which it may be dropped.
///
/// An answer is fresh while its age is below `ttl`, and stale while it is below `ttl + swr`. After that it may only replace an error, while its
/// age is below `ttl + swr + staleIfError`.
extension Cache {
    package struct Strategy: Sendable {
        /// Seconds, at most `CacheLimit.windowSeconds` each.
        package let ttl: UInt32
        package let swr: UInt32
        package let staleIfError: UInt32
        package let tags: [Tag]

        package init(ttl: Int? = nil, swr: Int? = nil, staleIfError: Int? = nil, tags: [Tag] = []) {
            self.ttl = UInt32(min(max(ttl ?? 0, 0), CacheLimit.windowSeconds))
            self.swr = UInt32(min(max(swr ?? 0, 0), CacheLimit.windowSeconds))
            self.staleIfError = UInt32(min(max(staleIfError ?? 0, 0), CacheLimit.windowSeconds))
            self.tags = tags
        }

        /// Seconds until the answer is useless for this request. Zero: it is not worth storing.
        var maxAge: UInt32 { ttl + swr + staleIfError }
    }

    /// A tag: 64 bits of hash. Two colliding tags are dropped together; nothing is kept wrongly.
    package struct Tag: Hashable, Sendable {
        let hash: UInt64

        /// The number by which other processes know the tag. It is the same in all of them.
        package var number: UInt64 { hash }

        package init(number: UInt64) { hash = number }

        package init(_ bytes: UnsafeRawBufferPointer) {
            hash = Hash.of(bytes, seed: 0x7461_6773)
        }

        package init(_ text: String) {
            var text = text
            self = text.withUTF8 { Tag(UnsafeRawBufferPointer($0)) }
        }
    }

    /// What a caller is told about an answer: the `cacheStatus` of its info, except for `none`.
    package enum Status: UInt8, Sendable {
        case fresh, stale, miss
    }
}

/// The two windows of a request, applied to an answer's age.
struct Windows {
    let ttl: UInt32
    let swr: UInt32

    /// Seconds until an answer is too old.
    var maxAge: UInt32 { ttl + swr }

    /// Returns fresh or stale, or nil if the answer is too old. Times are monotonic nanoseconds.
    @inline(__always)
    func freshness(loadedAt: UInt64, now: UInt64) -> Cache.Status? {
        // Why: the coarse clock that judges a hit may lag behind the clock that was read when the query began.
        let age = now > loadedAt ? now &- loadedAt : 0
        if age < UInt64(ttl) &* MonotonicTime.second { return .fresh }
        if age < (UInt64(ttl) &+ UInt64(swr)) &* MonotonicTime.second { return .stale }
        return nil
    }
}

enum MonotonicTime {
    static let second: UInt64 = 1_000_000_000

    /// Returns whole seconds that are not before `time`.
    static func roundedUp(_ time: UInt64) -> UInt32 { UInt32(clamping: (time &+ (second - 1)) / second) }
}
