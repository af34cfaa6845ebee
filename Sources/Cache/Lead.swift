import CLinux
import Synchronization

extension Cache {
    /// The duty to run a query for everybody who wants its answer, and to end it: by `complete`, by `fail`, or, when it is dropped, by
    /// `Abandoned`. Used by one thread at a time, but for `isolate`.
    ///
    /// What decides who may join and what is stored (`stamp`, `tags`, …) belongs to the holder of the store's lock.
    package final class Lead: @unchecked Sendable {
        // Sendable because the `var`s belong to the store's lock, but for `isOver`, which one thread at a time has; the rest does not change.
        private let cache: Cache
        private var isOver = false

        /// The request's own bytes, copied: the key, and behind it the text.
        let key: UnsafeRawBufferPointer
        let text: UnsafeRawBufferPointer
        let keyHash: UInt64
        let textHash: UInt64
        let windows: Windows
        /// The sequence number before the query began.
        var stamp: UInt64
        var born: UInt64
        var tags: [Tag]
        /// The longest life that anybody asked for.
        var life: UInt32
        /// Whether somebody has taken it on himself to end it.
        var isTaken = false
        /// Where others wait; nil while nobody has joined, which is the rule.
        var flight: Flight?
        /// Another one in the same bucket of `Flights`.
        var next: Unmanaged<Lead>?

        init(_ cache: Cache, _ read: borrowing Read, keyHash: UInt64, textHash: UInt64, stamp: UInt64, now: UInt64) {
            self.cache = cache
            let size = read.key.count + read.text.count
            // Why not `allocate`: it asks for an alignment that every block has, and takes longer for it.
            guard let memory = malloc(size) else { fatalError("out of memory") }
            let bytes = UnsafeMutableRawBufferPointer(start: memory, count: size)
            bytes.copyMemory(from: read.key)
            UnsafeMutableRawBufferPointer(rebasing: bytes[read.key.count...]).copyMemory(from: read.text)
            key = UnsafeRawBufferPointer(rebasing: bytes[..<read.key.count])
            text = UnsafeRawBufferPointer(rebasing: bytes[read.key.count...])
            self.keyHash = keyHash
            self.textHash = textHash
            windows = Windows(ttl: read.strategy.ttl, swr: read.strategy.swr)
            life = read.strategy.life
            tags = read.strategy.tags
            self.stamp = stamp
            born = now
        }

        deinit {
            if !isOver { cache.fail(self, Abandoned(), now: nil) }
            free(UnsafeMutableRawPointer(mutating: key.baseAddress))
        }

        /// Says that the query begins only now: age counts from here, and what was invalidated before does not concern it.
        /// To be called, if at all, after waiting for a connection and before the statement is sent.
        package func begin(now: UInt64) {
            if !isOver { cache.begin(self, now: now) }
        }

        /// Gives the answer to all who wait, keeps it if it may be kept, and returns it pinned for the caller's own reply.
        /// Takes over the bytes.
        package func complete(_ answer: Answer, now: UInt64) -> Hit {
            precondition(!isOver, "a flight ends once")
            isOver = true
            return cache.complete(self, answer, now: now)
        }

        /// Gives the error to all who wait. Nothing is kept; an old answer stays, and is not refreshed again at once.
        package func fail(_ error: any Error, now: UInt64) {
            if isOver { return }
            isOver = true
            cache.fail(self, error, now: now)
        }

        /// True when nobody else wants the answer, and then nobody will: the query may be given up. Any thread.
        package func isolate() -> Bool { cache.isolate(self) }

        /// Adds tags that it does not have yet; they are those of the entry that it will make.
        func add(_ tags: [Tag]) {
            for tag in tags where !self.tags.contains(tag) { self.tags.append(tag) }
        }

        /// Where one more waits from now on.
        func join() -> Flight {
            let joined = flight ?? Flight()
            flight = joined
            joined.following.add(1, ordering: .relaxed)
            return joined
        }
    }

    /// Why a flight ended: whoever led it went away without a word, or the cache was closed.
    package struct Abandoned: Error { package init() {} }
}
