import CLinux

/// Counts what the server sends in one round trip, so that a reply cannot use up all memory. libpq keeps the rows of a whole reply
/// before it returns the first, and reads as long as data arrives.
///
/// The first reading is free. It takes what fits into libpq's buffer, which only an earlier reading can have enlarged for a long row.
/// From the second reading on, a `Relay` feeds libpq.
struct ReceiveMeter {
    /// Readings that are not counted. A reply of up to eight kilobytes takes one.
    static let freeReadings = 1

    var readings = 0
    /// Bytes of the counted readings.
    var count = 0
}

/// Stands between a socket and libpq, and passes on what arrives in portions.
///
/// libpq's descriptor keeps its number. Between `begin` and `end` it names one end of a socket pair. `end` is called once libpq has read
/// everything that was passed on. A connection keeps its relay, which has three descriptors. A use costs two system calls;
/// a new relay would cost ten microseconds.
///
/// Why: libpq makes room for a whole row. One reading of libpq ends only when the server is slower than the reader, and nothing else stops it.
final class Relay {
    /// The number of libpq's descriptor.
    private let number: Int32
    /// The duplicate that leads to the server.
    let socket: Int32
    /// The socket pair: the relay writes to `feed`, libpq reads from `outlet`.
    private let feed: Int32
    private let outlet: Int32
    private let portion: UnsafeMutableRawPointer
    /// True while libpq is fed by the relay.
    private(set) var isActive = false

    /// Returns nil if there are no descriptors left. The reply is then not counted.
    init?(before number: Int32) {
        let socket = linux_duplicate(number)
        guard socket >= 0 else { return nil }
        var ends: (Int32, Int32) = (-1, -1)
        let isPair = withUnsafeMutablePointer(to: &ends) { $0.withMemoryRebound(to: Int32.self, capacity: 2) { linux_pair($0) } }
        guard isPair else {
            close(socket)
            return nil
        }
        (self.number, self.socket, feed, outlet) = (number, socket, ends.0, ends.1)
        portion = .allocate(byteCount: PostgresLimit.relayBytes, alignment: 16)
    }

    /// Returns false if the system refuses. libpq then reads from the server itself.
    func begin() -> Bool {
        isActive = linux_replace(outlet, number)
        return isActive
    }

    enum Transfer { case nothing, bytes(Int), end }

    /// Passes on what has arrived, one portion at most.
    func transfer() -> Transfer {
        let count = linux_receive(socket, portion, PostgresLimit.relayBytes)
        if count < 0, linux_errno() == EAGAIN { return .nothing }
        guard count > 0, linux_send(feed, portion, count) else {
            shutdown(feed, Int32(SHUT_WR))
            return .end
        }
        return .bytes(count)
    }

    /// True if libpq has not read everything that was passed on.
    var hasUnread: Bool { linux_unread(outlet) > 0 }

    /// Gives the socket back to libpq.
    /// - Parameter present: the number that libpq has for its socket now.
    ///
    /// Why: if libpq has closed its descriptor, the number may belong to another file by now.
    func end(_ present: Int32) {
        if present == number { _ = linux_replace(socket, number) }
        isActive = false
    }

    deinit {
        close(socket)
        close(feed)
        close(outlet)
        portion.deallocate()
    }
}
