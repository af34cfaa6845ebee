import Synchronization

extension Cache {
    /// An answer that its pin holds in place until the pin is released.
    package struct Hit: Sendable {
        package let pin: Pin
        package let status: Status
        /// True for exactly one caller of a stale answer, which has to call `Cache.refresh`.
        package let mustRefresh: Bool

        @inline(__always)
        init(pin: Pin, status: Status, mustRefresh: Bool = false) {
            self.pin = pin
            self.status = status
            self.mustRefresh = mustRefresh
        }

        /// The answer of a query that has just run. Takes over a reference of the entry.
        init(owning entry: EntryPointer) {
            self.init(pin: Pin(owning: entry), status: .miss)
        }
    }
}

extension Pin {
    /// Takes over a reference of the entry.
    init(owning entry: EntryPointer) {
        self = PinCache.current.take()
        word.pointee.store(UInt(bitPattern: entry) | 1, ordering: .releasing)
    }
}
