import Testing

@testable import Postgres

/// Random lives of a connection, beside a server that knows the truth: nobody is lent a session that is not idle, cancelled before or
/// lost; what may still run is cancelled; no write that happened is denied; nothing is sent twice that may have been written.
@Suite struct ConnectionMachinePropertyTests {
    /// The server's side of one session.
    private struct Server {
        enum TransactionStatus { case idle, open, aborted }
        var transactionStatus = TransactionStatus.idle
        /// Works on something whose answer nobody has taken.
        var isBusy = false
        var isGone = false
        var wasCancelled = false
    }

    private struct World {
        var machine = ConnectionMachine()
        var server = Server()
        var random: SplitMix
        var isOver = false

        init(seed: UInt64) { random = SplitMix(seed: seed) }

        /// Somebody has it, does something, and gives it back.
        mutating func live() throws {
            try ConnectionMachinePropertyTests.hold(
                machine.isReusable && server.transactionStatus == .idle && !server.isBusy && !server.isGone && !server.wasCancelled)
            switch random.below(4) {
            case 0: try read()
            case 1: try write(alone: true)
            case 2: try transaction()
            default: try raw()
            }
            giveBack()
            try check()
        }

        private enum Outcome { case done, refused, stale, deadline, lost, surprising }

        private mutating func outcome() -> Outcome {
            switch random.below(20) {
            case 0: .deadline
            case 1: .lost
            case 2: .surprising
            case 3, 4: .refused
            case 5: .stale
            default: .done
            }
        }

        /// One round trip; what the server does with a statement whose outcome is not told is up to it. Whether it took effect.
        private mutating func roundTrip(_ outcome: Outcome, to transactionStatus: Server.TransactionStatus) -> Bool {
            machine.begin()
            server.isBusy = true
            switch outcome {
            case .done:
                server.transactionStatus = transactionStatus
                answer()
                return true
            case .refused, .stale:
                if server.transactionStatus != .idle { server.transactionStatus = .aborted }
                answer()
                return false
            case .deadline, .surprising:
                let isDone = random.below(2) == 0
                if isDone { server.transactionStatus = transactionStatus }
                return isDone
            case .lost:
                machine.lose()
                server.isGone = true
                return random.below(2) == 0
            }
        }

        private mutating func answer() {
            server.isBusy = false
            switch server.transactionStatus {
            case .idle: machine.finish(.idle)
            case .open: machine.finish(.open)
            case .aborted: machine.finish(.aborted)
            }
        }

        private mutating func read() throws {
            let hadAnswered = machine.hasAnswered
            var outcome = outcome()
            _ = roundTrip(outcome, to: .idle)
            if outcome == .stale, machine.isReusable {
                outcome = self.outcome()
                _ = roundTrip(outcome, to: .idle)
            }
            // Another connection would not help one that has only just been made.
            try ConnectionMachinePropertyTests.hold(machine.maySendAgain(hadAnswered: hadAnswered) == (outcome == .lost && hadAnswered))
        }

        /// A statement that commits itself, or the end of a transaction.
        private mutating func write(alone: Bool) throws {
            machine.beginWrite(mayCommit: true)
            let outcome = outcome()
            let isCommitted = roundTrip(outcome, to: .idle)
            if outcome != .done { machine.fail(isRefused: outcome == .refused || outcome == .stale) }
            if isCommitted { try ConnectionMachinePropertyTests.hold(machine.mayHaveCommitted) }
            if outcome == .refused || outcome == .stale { try ConnectionMachinePropertyTests.hold(!machine.mayHaveCommitted) }
            try ConnectionMachinePropertyTests.hold(machine.isInDoubt == (outcome == .deadline || outcome == .lost || outcome == .surprising))
            if alone, outcome == .stale { machine.forget() }
            let mayTryAgain = machine.takeStaleStatements()
            try ConnectionMachinePropertyTests.hold(!machine.takeStaleStatements())
            if mayTryAgain { try ConnectionMachinePropertyTests.hold(!isCommitted && machine.isReusable) }
        }

        private mutating func transaction() throws {
            machine.beginWrite(mayCommit: false)
            for _ in 0...random.below(3) {
                let outcome = outcome()
                _ = roundTrip(outcome, to: .open)
                try ConnectionMachinePropertyTests.hold(!machine.isReusable || server.transactionStatus == .idle)
                if outcome != .done {
                    machine.fail(isRefused: outcome == .refused || outcome == .stale)
                    try ConnectionMachinePropertyTests.hold(!machine.mayHaveCommitted && !machine.isInDoubt)
                }
                if machine.isRunning || server.transactionStatus != .open { break }
            }
            if machine.isRunning { return }
            if server.transactionStatus == .open, random.below(3) > 0 { return try write(alone: false) }
            // A rollback, or nobody sees to it.
            if random.below(5) > 0 { _ = roundTrip([.done, .done, .done, .deadline, .lost][random.below(5)], to: .idle) }
        }

        /// What begins or ends a transaction of its own, or leaves the server nobody knows where.
        private mutating func raw() throws {
            let outcome = outcome()
            _ = roundTrip(outcome, to: random.below(5) == 0 ? .open : .idle)
            if outcome == .done, random.below(10) == 0 {
                machine.begin()
                machine.finish(.unclear)
                server.isBusy = true
            }
        }

        private mutating func giveBack() {
            if machine.isReusable { return }
            if machine.isRunning { server.wasCancelled = true }
            machine.close()
            isOver = true
        }

        private func check() throws {
            if isOver {
                try ConnectionMachinePropertyTests.hold(!machine.isReusable && !machine.isRunning)
            } else {
                try ConnectionMachinePropertyTests.hold(
                    server.transactionStatus == .idle && !server.isBusy && !server.isGone && !server.wasCancelled && !machine.wasLost && !machine.isInDoubt)
            }
        }
    }

    private static func hold(_ condition: Bool, line: Int = #line) throws {
        if !condition { throw Broken(line: line) }
    }

    private struct Broken: Error {
        var line: Int
    }

    @Test(arguments: 0..<RandomSequences.parts)
    func `no life of a connection breaks a promise`(part: Int) throws {
        var lived = 0
        for seed in RandomSequences.seeds(of: part) {
            var world = World(seed: seed)
            do {
                while !world.isOver {
                    try world.live()
                    lived += 1
                }
                // Nothing brings it back.
                world.machine.begin()
                world.machine.finish(.idle)
                try ConnectionMachinePropertyTests.hold(!world.machine.isReusable)
            } catch {
                Issue.record("seed \(seed): \(error)")
                return
            }
        }
        #expect(lived > 0)
    }

    @Test func `what cannot be told is not used again`() {
        var machine = ConnectionMachine()
        machine.begin()
        machine.finish(.unclear)
        #expect(!machine.isReusable && !machine.isRunning)
        machine.begin()
        machine.finish(.idle)
        #expect(!machine.isReusable)
    }
}
