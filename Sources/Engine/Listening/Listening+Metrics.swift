import Postgres
import Telemetry

extension Listening {
    /// What the listener is doing.
    func metrics() -> [Metric] {
        let status = status
        let age = status.lastProof.map { Double(Deadline.now.nanoseconds &- $0.nanoseconds) / 1e9 }
        return [
            Metric(
                "accelerant_listener_notifications_total", "Notifications of changes that were heard", .counter(status.notifications)),
            Metric(
                "accelerant_listener_interruptions_total", "Times when changes may have been missed, so that automatic answers were dropped",
                .counter(status.losses)),
            Metric("accelerant_listener_failures_total", "Attempts to listen that failed", .counter(status.failures)),
            Metric("accelerant_listener_trusted", "1 while all changes are heard, else 0", .gauge(status.isTrusted ? 1 : 0)),
            Metric(
                "accelerant_listener_proof_age_seconds", "The time since the moment up to which everything is known to have been heard; -1 before",
                .gauge(age ?? -1)),
            Metric(
                "accelerant_listener_queue_usage", "The share of the server's queue of notifications that is in use, from 0 to 1",
                .gauge(status.queueUsage)),
            Metric("accelerant_listener_mute_tables", "Tables of the schema that do not tell of their changes", .gauge(Double(muteCount))),
        ]
    }
}
