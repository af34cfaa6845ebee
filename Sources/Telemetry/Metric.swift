/// One measured thing as a snapshot: its name, what it means, and its value now.
package struct Metric: Sendable {
    package enum Value: Sendable {
        /// Only grows.
        case counter(UInt64)
        case gauge(Double)
        case histogram(Histogram.Snapshot)
    }
    /// As Prometheus spells it: `prisma_client_queries_total`.
    package var name: String
    package var help: String
    package var value: Value

    package init(_ name: String, _ help: String, _ value: Value) {
        self.name = name
        self.help = help
        self.value = value
    }
}
