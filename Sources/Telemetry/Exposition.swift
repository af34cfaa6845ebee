/// Metrics as text: the JSON of Prisma's `$metrics.json()`, or the Prometheus exposition format 0.0.4.
///
/// Names and descriptions are ours and need no escaping; label values come from the caller and are escaped.
package enum Exposition {
    /// `{"counters": [...], "gauges": [...], "histograms": [...]}`; `labels` go into every `labels` object.
    package static func json(_ metrics: [Metric], labels: [(name: String, value: String)] = []) -> String {
        var counters: [String] = []
        var gauges: [String] = []
        var histograms: [String] = []
        for metric in metrics {
            let all = labels + (metric.label.map { [$0] } ?? [])
            let labelText = "{" + all.map { "\(quoted($0.name)):\(quoted($0.value))" }.joined(separator: ",") + "}"
            func entry(_ value: String) -> String {
                "{\"key\":\(quoted(metric.name)),\"labels\":\(labelText),\"value\":\(value),\"description\":\(quoted(metric.help))}"
            }
            switch metric.value {
            case .counter(let value): counters.append(entry("\(value)"))
            case .gauge(let value): gauges.append(entry(number(value)))
            case .histogram(let snapshot):
                let buckets = zip(Histogram.bounds, snapshot.counts).map { "[\(number($0)),\($1)]" }
                histograms.append(
                    entry(
                        "{\"buckets\":[\(buckets.joined(separator: ","))],\"sum\":\(number(snapshot.sum)),\"count\":\(snapshot.count)}"))
            }
        }
        return "{\"counters\":[\(counters.joined(separator: ","))],\"gauges\":[\(gauges.joined(separator: ","))],"
            + "\"histograms\":[\(histograms.joined(separator: ","))]}"
    }

    /// Text for a Prometheus scrape.
    package static func prometheus(_ metrics: [Metric], labels: [(name: String, value: String)] = []) -> String {
        let common = labels.map { "\($0.name)=\"\(escapedLabel($0.value))\"" }
        func series(_ name: String, _ extra: [String] = []) -> String {
            let all = common + extra
            return all.isEmpty ? name : "\(name){\(all.joined(separator: ","))}"
        }
        var text = ""
        for metric in metrics {
            let own = metric.label.map { ["\($0.name)=\"\(escapedLabel($0.value))\""] } ?? []
            text += "# HELP \(metric.name) \(metric.help)\n"
            switch metric.value {
            case .counter(let value):
                text += "# TYPE \(metric.name) counter\n\(series(metric.name, own)) \(value)\n"
            case .gauge(let value):
                text += "# TYPE \(metric.name) gauge\n\(series(metric.name, own)) \(number(value))\n"
            case .histogram(let snapshot):
                text += "# TYPE \(metric.name) histogram\n"
                var cumulated: UInt64 = 0
                for (bound, count) in zip(Histogram.bounds, snapshot.counts) {
                    cumulated &+= count
                    text += "\(series(metric.name + "_bucket", own + ["le=\"\(number(bound))\""])) \(cumulated)\n"
                }
                text += "\(series(metric.name + "_bucket", own + ["le=\"+Inf\""])) \(snapshot.count)\n"
                text += "\(series(metric.name + "_sum", own)) \(number(snapshot.sum))\n"
                text += "\(series(metric.name + "_count", own)) \(snapshot.count)\n"
            }
        }
        return text
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && value.magnitude < 1e15 ? "\(Int64(value))" : "\(value)"
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\u{0}"..<"\u{20}": result += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    private static func escapedLabel(_ text: String) -> String {
        var result = ""
        // Why not by characters: a line end behind a carriage return is half of one, and a quote before an accent as well.
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
