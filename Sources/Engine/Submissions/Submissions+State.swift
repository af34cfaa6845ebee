import Cache
import Concurrency
import Postgres
import Text

extension Submissions {
    /// What every outstanding request is doing, and the replies that wait to be taken. The owner's lock guards it.
    ///
    ///     (new)    → queued (add), done (finish)
    ///     queued   → running (begin), done (cancel, its latest start has passed)
    ///     running  → parked (park), queued (queueAgain), done (complete)
    ///     parked   → queued (resume), running (its deadline has come), done (complete, cancel)
    ///     done     → (gone) (takeCompletion)
    ///
    /// A request is `done` when it is in `completions` and no longer in `outstanding`: so each is done once.
    struct State {
        enum Phase {
            /// It waits for a thread.
            case queued
            case running(Running)
            /// It follows a flight and occupies no thread. `Running` is what it had before.
            case parked(Follower, Running)

            /// The failure of a request that is cancelled in this phase. One that waits for a thread has sent nothing.
            var cancellation: Failure { if case .queued = self { Failure.cancelled.ending(.undone) } else { .cancelled } }
        }

        /// What ends a running request early.
        struct Running {
            let cancellation: CancellationToken
            /// The flight that it leads for other callers.
            var lead: Cache.FlightLeader?
            var isCancelled = false
        }

        struct Outstanding {
            let token: UInt64
            var request: Request
            var phase = Phase.queued
        }

        private(set) var outstanding: [UInt64: Outstanding] = [:]
        /// The numbers of the requests with each token.
        private var numbers: [UInt64: Numbers] = [:]
        /// When requests that wait for a thread must have begun, and when those that follow a flight time out.
        private var deadlines = DeadlineHeap()
        private var completions = Queue<Completion>()
        private var lastNumber: UInt64
        var isClosed = false

        /// Why no set as a rule: it would be allocated for each request.
        private enum Numbers {
            case one(UInt64)
            case several(Set<UInt64>)

            var all: Set<UInt64> {
                switch self {
                case .one(let number): [number]
                case .several(let numbers): numbers
                }
            }

            // Why they consume: a set that something else holds, too, would be copied. A program may give all its requests one token.

            consuming func adding(_ number: UInt64) -> Numbers {
                switch consume self {
                case .one(let other): return .several([other, number])
                case .several(var numbers):
                    numbers.insert(number)
                    return .several(numbers)
                }
            }

            /// Returns nil if there are no others.
            consuming func removing(_ number: UInt64) -> Numbers? {
                switch consume self {
                case .one: return nil
                case .several(var numbers):
                    numbers.remove(number)
                    return numbers.count == 1 ? numbers.first.map { .one($0) } : .several(numbers)
                }
            }
        }

        /// - Parameter firstNumber: requests have numbers above it.
        init(firstNumber: UInt64) { lastNumber = firstNumber }

        /// Requests that are not done, and replies that were not taken.
        var count: Int { outstanding.count + completions.count }

        func isQueued(_ number: UInt64) -> Bool {
            if case .queued = outstanding[number]?.phase { true } else { false }
        }
    }
}

extension Submissions.State {
    typealias Request = Submissions.Request
    typealias Follower = Submissions.Follower
    typealias Completion = Submissions.Completion

    /// Adds a request that waits for its turn. `isSoonest`: `expire` has to be called sooner than before.
    mutating func add(_ text: [UInt8], token: UInt64, since arrival: Deadline, _ latestStart: Deadline) -> (request: Request, isSoonest: Bool) {
        lastNumber += 1
        let request = Request(number: lastNumber, text: text, arrival: arrival, latestStart: latestStart)
        outstanding[request.number] = Outstanding(token: token, request: request)
        if let others = numbers.updateValue(.one(request.number), forKey: token) {
            numbers[token] = others.adding(request.number)
        }
        return (request, setDeadline(for: request.number, at: UInt64(clamping: latestStart.nanoseconds)))
    }

    /// A thread begins the request. Returns false if it was cancelled while it waited.
    mutating func begin(_ number: UInt64, _ cancellation: CancellationToken) -> Bool {
        guard !isClosed, var one = outstanding[number], case .queued = one.phase else { return false }
        one.phase = .running(Running(cancellation: cancellation))
        // Why not changed in place: a change through an optional in a dictionary allocates three times.
        outstanding[number] = one
        return true
    }

    /// A running request leads a flight from now on. Returns false if it has been cancelled.
    mutating func lead(_ number: UInt64, _ lead: Cache.FlightLeader) -> Bool {
        guard var one = outstanding[number], case .running(var running) = one.phase else { return false }
        running.lead = lead
        one.phase = .running(running)
        outstanding[number] = one
        return !running.isCancelled
    }

    /// A running request follows a flight from now on. Returns whether `expire` has to be called sooner than before. Nil if it is cancelled or
    /// done already.
    mutating func park(_ number: UInt64, _ follower: Follower) -> Bool? {
        guard var one = outstanding[number], case .running(let running) = one.phase, !running.isCancelled else { return nil }
        one.phase = .parked(follower, running)
        outstanding[number] = one
        return setDeadline(for: number, at: follower.deadline)
    }

    /// A parked request waits for its turn again. Nil if it is done already.
    mutating func resume(_ number: UInt64) -> Request? {
        guard var one = outstanding[number], case .parked(let follower, _) = one.phase else { return nil }
        one.phase = .queued
        one.request.isCounted = true
        one.request.latestStart = Deadline(nanoseconds: Int64(clamping: follower.deadline)).latestStart(since: .now)
        outstanding[number] = one
        return one.request
    }

    /// A running request waits for its turn again, to be sent alone. Nil if it is cancelled or done already.
    mutating func queueAgain(_ number: UInt64, _ attempt: ReadAttempt, until deadline: Deadline) -> (request: Request, isSoonest: Bool)? {
        guard var one = outstanding[number], case .running(let running) = one.phase, !running.isCancelled else { return nil }
        one.phase = .queued
        one.request.attempt = attempt
        one.request.isCounted = true
        // Why: its first turn had come in time.
        one.request.latestStart = deadline.latestStart(since: .now)
        outstanding[number] = one
        return (one.request, setDeadline(for: number, at: UInt64(clamping: one.request.latestStart.nanoseconds)))
    }

    /// Returns parked requests that have timed out, queued requests whose turn came too late, and when to call this again.
    mutating func expire(now: UInt64) -> (parked: [(UInt64, Follower)], queued: [Request], next: UInt64) {
        var parked: [(UInt64, Follower)] = []
        var queued: [Request] = []
        // Why: a request that was parked and waits for its turn again has two deadlines.
        var seen: Set<UInt64> = []
        while let number = deadlines.takeDue(now) {
            guard let one = outstanding[number] else { continue }
            switch one.phase {
            case .queued:
                let isDue = UInt64(clamping: one.request.latestStart.nanoseconds) <= now
                if isDue, seen.insert(number).inserted { queued.append(one.request) }
            case .running: continue
            case .parked(let follower, let running):
                // Otherwise this is the deadline of its turn, which has come.
                if follower.deadline > now { continue }
                outstanding[number]?.phase = .running(running)
                parked.append((number, follower))
            }
        }
        return (parked, queued, deadlines.soonest)
    }

    /// Returns the unfinished requests with a token. Running ones are marked as cancelled; the caller ends the others.
    mutating func cancel(_ token: UInt64) -> [(number: UInt64, phase: Phase)] {
        (numbers[token]?.all ?? []).compactMap { number in
            guard let one = outstanding[number] else { return nil }
            if case .running(var running) = one.phase {
                running.isCancelled = true
                outstanding[number]?.phase = .running(running)
            }
            return (number, one.phase)
        }
    }

    /// Removes a request. Nil if that was done before.
    mutating func remove(_ number: UInt64) -> Outstanding? {
        guard let one = outstanding.removeValue(forKey: number) else { return nil }
        if let all = numbers.removeValue(forKey: one.token) { numbers[one.token] = all.removing(number) }
        return one
    }

    /// Returns whether it is the only one to take.
    mutating func addCompletion(_ completion: Completion) -> Bool {
        completions.append(completion)
        return completions.count == 1
    }

    /// `isLast`: there is nothing more to take.
    mutating func takeCompletion() -> (completion: Completion, isLast: Bool)? {
        completions.popFirst().map { ($0, completions.isEmpty) }
    }

    /// Removes everything that is left, at the end.
    mutating func removeAll() -> (followers: [(UInt64, Follower)], completions: Queue<Completion>) {
        let followers = outstanding.compactMap { number, one -> (UInt64, Follower)? in
            if case .parked(let follower, _) = one.phase { (number, follower) } else { nil }
        }
        let completions = completions
        self = Submissions.State(firstNumber: lastNumber)
        isClosed = true
        return (followers, completions)
    }

    /// Makes `expire` examine a request at that time. Returns true if that is sooner than the next call so far.
    private mutating func setDeadline(for number: UInt64, at time: UInt64) -> Bool {
        deadlines.compact(outstanding.count) { outstanding[$0] != nil }
        return deadlines.add(number, at: time)
    }

    /// Stops a debug build if the tables contradict each other.
    func checkInvariants() {
        precondition(numbers.values.reduce(0) { $0 + $1.all.count } == outstanding.count, "every outstanding request has one token")
        for (number, one) in outstanding {
            precondition(number == one.request.number && number <= lastNumber, "a request is kept by its number")
            precondition(numbers[one.token]?.all.contains(number) == true, "a request is found by its token")
        }
    }
}
