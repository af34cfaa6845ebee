import CLinux

/// Counts what the server sends in one round trip, so that a reply of any size cannot take all memory: libpq keeps the rows of a whole
/// reply before it gives the first.
///
/// Small replies cost nothing. Over TCP the count is the kernel's own. Over a Unix socket, which has none, it is an estimate from what
/// lay there before and after each reading, never too high by more than a few kilobytes; it is some times too low, and far too low for rows
/// of many megabytes, for which libpq reads as long as something comes.
struct Intake {
    private enum Limits {
        /// Readings that are not looked at: some ten kilobytes.
        static let free = 4
        /// What libpq reads at once, at least, if it is there.
        static let reading = 8 << 10
    }

    private var readings = 0
    private var unread = 0
    /// What the socket had received when counting began; nil where nobody counts.
    private var start: Int64?
    /// Bytes so far, as far as is known.
    private(set) var count = 0

    /// Something is about to be read.
    mutating func begin(_ socket: Int32) {
        readings += 1
        if readings < Limits.free { return }
        if readings == Limits.free {
            let received = linux_received(socket)
            start = received < 0 ? nil : received
        }
        if let start { count = Int(clamping: linux_received(socket) &- start) } else { unread = Int(linux_unread(socket)) }
    }

    /// It has been read.
    mutating func end(_ socket: Int32) {
        guard readings >= Limits.free, start == nil else { return }
        count += max(unread - Int(linux_unread(socket)), min(unread, Limits.reading))
    }
}
