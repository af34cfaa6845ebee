/// Reads of several callers on one connection, decided: a pure value. What the server and the callers do goes in; who is told what, and who
/// receives from now on, comes out. No I/O, no lock, no clock.
///
/// The server answers in the order of sending; `front` is the next. One of the callers, the driver, receives for all. A read's exits:
///
///     awaited → answered (answered), moved (tick, leave, end), abandoned (abandon, leave)
///
/// No one waits for a neighbour for longer than `patience`: when the front takes that long, those behind it go elsewhere, and the front's own
/// caller drives. So a cancellation that the server gets can only reach the query of the caller who asks for it.
struct MultiplexMachine {
    /// Nanoseconds of any clock that does not go back.
    typealias Time = Int64

    enum ReadState: Equatable {
        case awaited
        /// Its caller has the answer, or what the server says in its place.
        case answered
        /// Its caller asks again on another connection; what still comes is dropped.
        case moved
        /// Its caller is gone; what still comes is dropped.
        case abandoned
    }

    /// What the driver does next.
    enum Step: Equatable {
        case go
        /// Another caller drives from now on.
        case handOver(Int)
        /// All is answered: the connection is free.
        case finish
        /// No caller waits for what still comes, which is little: take it, or close the connection when all of it takes longer than `patience`.
        case drain
        /// No caller waits for what the server does: cancel it, and close the connection.
        case close
    }

    private(set) var states: [ReadState]
    private(set) var front = 0
    /// Since when the server may be working for the front; while no caller waits for what comes, since when that is so.
    private(set) var frontSince: Time
    private(set) var driver: Int
    let patience: Time

    /// The driver's own read is the last one: so it has not to stay for others when it has its answer.
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

    /// The front's answer is complete. Whether its caller still waits for it; and what the driver does next.
    mutating func answered(now: Time) -> (isWanted: Bool, step: Step) {
        guard front < states.count else { return (false, .finish) }
        let isWanted = states[front] == .awaited
        let isOwn = front == driver
        // Why not then: the driver has its answer in hand, and waits for all that is left.
        if isOwn || states[driver] == .awaited { (frontSince, hasTicked) = (now, false) }
        if isWanted { states[front] = .answered }
        front += 1
        if front == states.count { return (isWanted, .finish) }
        if !isOwn { return (isWanted, states[driver] == .awaited ? .go : .drain) }
        guard let next = lastAwaited else { return (isWanted, .drain) }
        driver = next
        return (isWanted, .handOver(next))
    }

    /// A caller goes before its read is answered. False when it must not: it drives, or has its answer, or is told to go elsewhere.
    mutating func abandon(_ read: Int) -> Bool {
        guard read != driver, states[read] == .awaited else { return false }
        states[read] = .abandoned
        return true
    }

    /// Time has passed without an answer. Gives who has to go elsewhere, the driver perhaps among them.
    mutating func tick(now: Time) -> (moved: [Int], step: Step) {
        guard front < states.count, now >= nextTick else { return ([], .go) }
        hasTicked = true
        let moved = move(after: front)
        if front == driver { return (moved, .go) }
        guard states[front] == .awaited else { return (moved, .close) }
        driver = front
        return (moved, .handOver(front))
    }

    /// The driver's own time is up, or it is cancelled.
    mutating func leave() -> (moved: [Int], step: Step) {
        states[driver] = .abandoned
        if front == driver { return (move(after: front), .close) }
        guard let next = lastAwaited else { return ([], .close) }
        driver = next
        return ([], .handOver(next))
    }

    /// Nothing comes any more. Gives whose reads were awaited.
    mutating func end() -> [Int] { move(after: front - 1) }

    private mutating func move(after read: Int) -> [Int] {
        let moved = ((read + 1)..<max(read + 1, states.count)).filter { states[$0] == .awaited }
        for read in moved { states[read] = .moved }
        return moved
    }
}
