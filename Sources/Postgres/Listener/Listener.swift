import CLinux
package import Concurrency
package import Telemetry
package import Text

/// Hears what is notified on one channel, on a connection of its own that is no part of the pool: a thin shell around `ListenerMachine`.
///
/// One thread calls `run`, which returns after `close`; anybody may ask for the status or wait for trust. What `Events` holds is called on
/// the thread of `run`.
package final class Listener: Sendable {
    /// What a notification means to the listener itself.
    package enum Meaning: Sendable {
        case none
        /// It is the greeting of that number.
        case probe(UInt64)
        /// What the greeting found out holds no more.
        case needsResync
    }

    package struct Events: Sendable {
        /// From here on everything is heard. True when nothing was missed since `lagging`, or what was said before is to be taken as unheard.
        package var caughtUp: @Sendable (Bool) -> Void
        /// Something may have been missed; nothing is heard until `caughtUp`.
        package var lagging: @Sendable () -> Void
        package var receive: @Sendable (Notification) -> Meaning
        /// Finds out what is to be known before there is trust, and has the number notified. May take until the deadline. Gives the
        /// moment before it was sent.
        package var sendProbe: @Sendable (UInt64, Deadline) -> Result<Deadline, Failure>

        package init(
            caughtUp: @escaping @Sendable (Bool) -> Void, lagging: @escaping @Sendable () -> Void,
            receive: @escaping @Sendable (Notification) -> Meaning,
            sendProbe: @escaping @Sendable (UInt64, Deadline) -> Result<Deadline, Failure>
        ) {
            self.caughtUp = caughtUp
            self.lagging = lagging
            self.receive = receive
            self.sendProbe = sendProbe
        }
    }

    package struct Status: Sendable {
        package var isCaughtUp = false
        /// How often trust was lost.
        package var losses: UInt64 = 0
        package var notifications: UInt64 = 0
        /// When the last answered beat was sent.
        package var lastProof: Deadline?
        /// How much of the server's queue of notifications is in use, from 0 to 1.
        package var queueUsage = 0.0
        /// Attempts that failed, and why the last one did.
        package var failures: UInt64 = 0
        package var lastFailure: Failure?

        package init() {}
    }

    let settings: ConnectionSettings
    let channel: String
    let heartbeat: String
    let rules: ListenerMachine.Settings
    let events: Events
    let log: Log?
    let interrupt = EventDescriptor()
    let status = Lock(Status())
    /// Rings when the status has changed.
    let changed = EventCount()

    /// - Parameters:
    ///   - channel: an identifier that needs no quotes.
    ///   - beat: a statement that gives how full the queue of notifications is, and a text of what the catalog is like.
    ///   - silenceMilliseconds: how long the server may be silent before nothing is trusted any more.
    package init(_ settings: ConnectionSettings, channel: String, heartbeat: String, silenceMilliseconds: Int, log: Log? = nil, events: Events) {
        self.settings = settings
        self.channel = channel
        self.heartbeat = heartbeat
        self.events = events
        self.log = log
        var rules = ListenerMachine.Settings()
        rules.silenceNanoseconds = ListenerMachine.Time(silenceMilliseconds) * 1_000_000
        self.rules = rules
    }

    /// Ends `run`, from any thread.
    package func close() { interrupt.signal() }

    package func readStatus() -> Status { status.withLock { $0 } }

    /// Returns once there is trust. Throws why the next attempt failed, if it does, or P6004 at `deadline`.
    package func awaitCaughtUp(until deadline: Deadline) throws(Failure) {
        let failures = readStatus().failures
        while true {
            let seen = changed.count
            let status = readStatus()
            if status.isCaughtUp { return }
            if status.failures > failures, let failure = status.lastFailure { throw failure }
            if interrupt.isSignaled { throw Pool.closedFailure }
            if Deadline.now >= deadline { throw Connection.timeoutFailure }
            if !CancellationToken.wait(on: changed, after: seen, until: deadline) { throw Connection.cancelledFailure() }
        }
    }

    /// Listens until `close`.
    package func run() {
        var loop = ListenerLoop(self)
        loop.run()
        changed.signal()
    }
}
