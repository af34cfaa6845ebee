/// A snapshot of one metric: its name, its help text, its value.
package struct Metric: Sendable {
    package enum Value: Sendable {
        /// A number that only grows.
        case counter(UInt64)
        case gauge(Double)
        case histogram(Histogram.Snapshot)
    }
    /// As Prometheus spells it: `prisma_client_queries_total`.
    package var name: String
    package var help: String
    package var value: Value
    /// A label of this metric alone, beside those that its reader asks for.
    package var label: (name: String, value: String)?

    package init(_ name: String, _ help: String, _ value: Value, label: (name: String, value: String)? = nil) {
        self.name = name
        self.help = help
        self.value = value
        self.label = label
    }
}
