import CLinux

/// Counts what the server sends in one round trip, so that a reply of any size cannot take all memory: libpq keeps the rows of a whole
/// reply before it gives the first.
///
/// Small replies cost nothing. Over TCP the count is the kernel's own. Over a Unix socket, which has none, it is what lay there
/// before each reading, at most what libpq reads at once: about right for rows of usual size, too little where single rows have megabytes.
struct Intake {
    private enum Limits {
        /// Readings that are not looked at: some ten kilobytes.
        static let free = 4
        /// What libpq reads at once.
        static let reading = 16 << 10
    }

    private var readings = 0
    private var counted = 0
    /// What the socket had received before; nil where nobody counts.
    private var before: Int64?

    /// Something is about to be read. How much there has been, as far as is known.
    mutating func next(_ socket: Int32) -> Int {
        readings += 1
        if readings <= Limits.free { return 0 }
        if readings == Limits.free + 1 {
            let received = linux_received(socket)
            before = received < 0 ? nil : received
            return 0
        }
        guard let before else {
            counted += min(Int(linux_unread(socket)), Limits.reading)
            return counted
        }
        return Int(clamping: linux_received(socket) &- before)
    }
}
