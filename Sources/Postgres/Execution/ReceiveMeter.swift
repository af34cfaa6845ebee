import CLinux

/// Counts what the server sends in one round trip, so that a reply of any size cannot take all memory: libpq keeps the rows of a whole
/// reply before it gives the first, and reads as long as something comes.
///
/// The first reading costs nothing: it gets what libpq has room for, and only what was read before can have announced a long row and made
/// more room. From the second on libpq is fed by a `Relay`.
struct ReceiveMeter {
    /// Readings that are not counted: a reply of eight kilobytes at most takes one.
    static let freeReadings = 1

    var readings = 0
    /// Bytes of those that are counted.
    var count = 0
}

/// Stands between a socket and libpq, and hands it what arrives in portions.
///
/// libpq's descriptor keeps its number. Between `begin` and `end` it names one end of a pair of sockets. `end` is called with all that was
/// handed over read. A connection keeps its relay, which has three descriptors: each use costs two calls of the system, and a new one ten microseconds.
///
/// Why: libpq makes room for a whole row, and one reading ends only when the server is slower than the reader. No one else can stop it.
final class Relay {
    enum Limits {
        static let portion = 64 << 10
    }

    /// libpq's descriptor.
    private let number: Int32
    /// The server's end.
    let socket: Int32
    /// The ends of the pair: one is written here, the other one is read by libpq.
    private let feed: Int32
    private let outlet: Int32
    private let portion: UnsafeMutableRawPointer
    /// libpq is fed by it.
    private(set) var isActive = false

    /// nil where there are no descriptors left: then nothing is counted.
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
        portion = .allocate(byteCount: Limits.portion, alignment: 16)
    }

    /// False where the system refuses it: then libpq reads by itself.
    func begin() -> Bool {
        isActive = linux_replace(outlet, number)
        return isActive
    }

    enum Transfer { case nothing, bytes(Int), end }

    /// Hands over what has arrived, a portion at most.
    func transfer() -> Transfer {
        let count = linux_receive(socket, portion, Limits.portion)
        if count < 0, linux_errno() == EAGAIN || linux_errno() == EINTR { return .nothing }
        guard count > 0, linux_send(feed, portion, count) == count else {
            shutdown(feed, Int32(SHUT_WR))
            return .end
        }
        return .bytes(count)
    }

    /// libpq has not read all of it.
    var hasUnread: Bool { linux_unread(outlet) > 0 }

    /// Gives libpq the socket back. `present`: the number that it has for it now.
    ///
    /// Why: where libpq has closed its descriptor, the number may be somebody else's by now.
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
