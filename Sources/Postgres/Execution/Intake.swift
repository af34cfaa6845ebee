import CLinux

/// Counts what the server sends in one round trip, so that a reply of any size cannot take all memory: libpq keeps the rows of a whole
/// reply before it gives the first, and reads as long as something comes.
///
/// Small replies cost nothing: from the fifth reading on, libpq is fed by a `Relay`.
struct Intake {
    /// Readings that are not counted: some ten kilobytes.
    static let freeReadings = 4

    var readings = 0
    /// Bytes of those that are counted.
    var count = 0
}

/// Stands between a socket and libpq, and hands it what arrives in portions.
///
/// libpq's descriptor keeps its number and names one end of a pair of sockets as long as this lasts. To be ended by `end`, with all that was
/// handed over read.
///
/// Why: libpq makes room for a whole row, and one reading ends only when the server is slower than the reader. Nobody else can stop it.
final class Relay {
    enum Limits {
        static let portion = 64 << 10
    }

    /// libpq's descriptor.
    private let number: Int32
    /// The server's end.
    let socket: Int32
    private let feed: Int32
    private let portion: UnsafeMutableRawPointer

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
        let isReplaced = linux_replace(ends.0, number)
        close(ends.0)
        guard isReplaced else {
            close(socket)
            close(ends.1)
            return nil
        }
        (self.number, self.socket, feed) = (number, socket, ends.1)
        portion = .allocate(byteCount: Limits.portion, alignment: 16)
    }

    enum Handing { case nothing, bytes(Int), end }

    /// Hands over what has arrived, a portion at most.
    func hand() -> Handing {
        let count = linux_receive(socket, portion, Limits.portion)
        if count < 0, linux_errno() == EAGAIN || linux_errno() == EINTR { return .nothing }
        guard count > 0, linux_send(feed, portion, count) == count else {
            shutdown(feed, Int32(SHUT_WR))
            return .end
        }
        return .bytes(count)
    }

    /// libpq has not read all of it.
    var hasUnread: Bool { linux_unread(number) > 0 }

    /// Gives libpq the socket back. `present`: the number that it has for it now.
    ///
    /// Why: where libpq has closed its descriptor, the number may be somebody else's by now.
    func end(_ present: Int32) {
        if present == number { _ = linux_replace(socket, number) }
    }

    deinit {
        close(socket)
        close(feed)
        portion.deallocate()
    }
}
