/// Decides about the reads of several callers on one connection. It is a pure value: no I/O, no lock, no clock.
///
/// Events of the server and of the callers go in. Which callers get an outcome, and which one receives from now on, comes out.
/// The server answers in the order of sending; `front` is the next read. One of the callers, the driver, receives for all. A read ends so:
///
///     awaited → answered (answered), moved (tick, leave, end), abandoned (abandon, leave)
///
/// No read waits for another one longer than `patience`. If the front takes that long, the reads behind it move to other
/// connections, and the front's own caller drives. So a cancel request can reach only the query of the caller that cancels.
struct MultiplexMachine {
    /// Nanoseconds of any clock that does not go back.
    typealias Time = Int64

    enum ReadState: Equatable {
        case awaited
        /// Its caller has the answer, or the server's error.
        case answered
        /// Its caller sends the read again on another connection. Replies to it are dropped.
        case moved
        /// Its caller has gone. Replies to it are dropped.
        case abandoned
    }

    /// What the driver does next.
    enum Step: Equatable {
        case go
        /// Another caller drives from now on.
        case handOver(Int)
        /// Everything is answered: the connection is free.
        case finish
        /// No caller waits for the few outstanding replies. Receive them, or close the connection if that takes longer than `patience`.
        case drain
        /// No caller waits for the server's work: cancel it and close the connection.
        case close
    }

    private(set) var states: [ReadState]
    private(set) var front = 0
    /// Since when the server may be working for the front. While no caller waits for replies, since when that is so.
    private(set) var frontSince: Time
    private(set) var driver: Int
    let patience: Time

    /// The driver's own read is the last one, so the driver need not stay for others once it has its answer.
    init(count: Int, patience: Time, now: Time) {
        states = Array(repeating: .awaited, count: count)
        driver = count - 1
        frontSince = now
        self.patience = patience
    }

    /// When `tick` is due: once for each front.
    var nextTick: Time { hasTicked ? .max : frontSince &+ patience }
    private var hasTicked = false

    private var lastAwaited: Int? { (front..<states.count).last { states[$0] == .awaited } }

    /// The front's answer is complete. Returns whether its caller still waits for it, and what the driver does next.
    mutating func answered(now: Time) -> (isWanted: Bool, step: Step) {
        guard front < states.count else { return (false, .finish) }
        let isWanted = states[front] == .awaited
        let isOwn = front == driver
        // Why not then: the driver has its answer, and the limit counts for all outstanding replies.
        if isOwn || states[driver] == .awaited { (frontSince, hasTicked) = (now, false) }
        if isWanted { states[front] = .answered }
        front += 1
        if front == states.count { return (isWanted, .finish) }
        if !isOwn { return (isWanted, states[driver] == .awaited ? .go : .drain) }
        guard let next = lastAwaited else { return (isWanted, .drain) }
        driver = next
        return (isWanted, .handOver(next))
    }

    /// A caller leaves before its read is answered. Returns false if it must not: it drives, has its answer, or has been moved.
    mutating func abandon(_ read: Int) -> Bool {
        guard read != driver, states[read] == .awaited else { return false }
        states[read] = .abandoned
        return true
    }

    /// Time has passed without an answer. Returns the reads that have to move, perhaps the driver's among them.
    mutating func tick(now: Time) -> (moved: [Int], step: Step) {
        guard front < states.count, now >= nextTick else { return ([], .go) }
        hasTicked = true
        let moved = move(after: front)
        if front == driver { return (moved, .go) }
        guard states[front] == .awaited else { return (moved, .close) }
        driver = front
        return (moved, .handOver(front))
    }

    /// The driver's own deadline has passed, or it is cancelled.
    mutating func leave() -> (moved: [Int], step: Step) {
        states[driver] = .abandoned
        if front == driver { return (move(after: front), .close) }
        guard let next = lastAwaited else { return ([], .close) }
        driver = next
        return ([], .handOver(next))
    }

    /// No more replies come. Returns the reads that were awaited.
    mutating func end() -> [Int] { move(after: front - 1) }

    private mutating func move(after read: Int) -> [Int] {
        let moved = ((read + 1)..<max(read + 1, states.count)).filter { states[$0] == .awaited }
        for read in moved { states[read] = .moved }
        return moved
    }
}
