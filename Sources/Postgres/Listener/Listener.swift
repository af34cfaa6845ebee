import CLinux
package import Concurrency
package import Telemetry
package import Text

/// Receives the notifications of one channel, on a connection of its own outside the pool. `ListenerMachine` decides, this class acts.
///
/// One thread calls `run`, which returns after `close`. Any thread may read the status or wait until the listener has caught up.
/// The functions of `Events` are called on the thread of `run`.
package final class Listener: Sendable {
    /// What a notification means for the listener itself.
    package enum Meaning: Sendable {
        case none
        /// The notification is the probe with that number.
        case probe(UInt64)
        /// The result of the last probe is no longer valid.
        case needsResync
    }

    package struct Events: Sendable {
        /// From now on every notification is received. True if nothing was missed since `lagging`. False if earlier notifications have to be
        /// taken as missed.
        package var caughtUp: @Sendable (Bool) -> Void
        /// Something may have been missed. No notification counts until the next `caughtUp`.
        package var lagging: @Sendable () -> Void
        package var receive: @Sendable (Notification) -> Meaning
        /// Reads what has to be known before the listener has caught up, and makes another connection notify the number.
        ///
        /// May take until the deadline. Returns the moment before the probe was sent.
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
        /// How often the listener fell behind after it had caught up.
        package var losses: UInt64 = 0
        package var notifications: UInt64 = 0
        /// When the last answered heartbeat was sent.
        package var lastProof: Deadline?
        /// The part of the server's notification queue that is in use, from 0 to 1.
        package var queueUsage = 0.0
        /// Number of failed attempts. `lastFailure` is the cause of the last one.
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
    /// Signalled when the status has changed.
    let changed = EventCount()

    /// - Parameters:
    ///   - channel: an identifier that needs no quotes.
    ///   - heartbeat: a statement that returns the fill level of the notification queue, and a text that describes the catalog.
    ///   - silenceMilliseconds: how long the server may be silent before the listener counts as lagging.
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

    /// Ends `run`. Any thread may call it.
    package func close() { interrupt.signal() }

    package func readStatus() -> Status { status.withLock { $0 } }

    /// Returns once the listener has caught up. Throws the cause if the next attempt fails, or P6004 at `deadline`.
    package func awaitCaughtUp(until deadline: Deadline, cancellation: CancellationToken?) throws(Failure) {
        let failures = readStatus().failures
        while true {
            let seen = changed.count
            let status = readStatus()
            if status.isCaughtUp { return }
            if status.failures > failures, let failure = status.lastFailure { throw failure }
            if interrupt.isSignaled { throw Pool.closedFailure }
            if Deadline.now >= deadline { throw Connection.timeoutFailure }
            if !changed.wait(after: seen, until: deadline, cancellation: cancellation) { throw Connection.cancelledFailure }
        }
    }

    /// Receives notifications until `close`.
    package func run() {
        var loop = ListenerLoop(self)
        loop.run()
        changed.signal()
    }
}
