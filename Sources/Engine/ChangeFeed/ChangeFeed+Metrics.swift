import Concurrency
import Postgres
import Telemetry

extension ChangeFeed {
    /// Returns the metrics of the listener.
    func metrics() -> [Metric] {
        let status = status
        let age = status.lastProof.map { Double(Deadline.now.nanoseconds &- $0.nanoseconds) / 1e9 }
        return [
            Metric(
                "accelerant_listener_notifications_total", "Change notifications received", .counter(status.notifications)),
            Metric(
                "accelerant_listener_interruptions_total", "Times when notifications may have been missed, so automatic answers were dropped",
                .counter(status.losses)),
            Metric("accelerant_listener_failures_total", "Attempts to listen that failed", .counter(status.failures)),
            Metric("accelerant_listener_trusted", "1 while the listener has caught up with all changes, else 0", .gauge(status.isCaughtUp ? 1 : 0)),
            Metric(
                "accelerant_listener_proof_age_seconds", "Seconds since the listener was last proven to have caught up; -1 before the first proof",
                .gauge(age ?? -1)),
            Metric(
                "accelerant_listener_queue_usage", "The share of the server's notification queue in use, from 0 to 1",
                .gauge(status.queueUsage)),
            Metric("accelerant_listener_mute_tables", "Tables of the schema without a trigger that reports changes", .gauge(Double(untrackedCount))),
        ]
    }
}
