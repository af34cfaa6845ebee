import Testing

@testable import Telemetry

@Suite struct ExpositionTests {
    private func sample() -> [Metric] {
        let durations = Histogram()
        for value in [0.5, 0.7, 3, 70, 90000] { durations.record(milliseconds: value) }
        return [
            Metric("a_total", "All of them", .counter(7)),
            Metric("b_open", "Open now", .gauge(2.5)),
            Metric("c_ms", "Duration", .histogram(durations.snapshot)),
        ]
    }

    @Test func `Prometheus buckets are cumulated and end at infinity`() {
        let text = Exposition.prometheus(sample())
        #expect(text.contains("# TYPE a_total counter\na_total 7\n"))
        #expect(text.contains("# TYPE b_open gauge\nb_open 2.5\n"))
        #expect(text.contains("c_ms_bucket{le=\"1\"} 2\n"))
        #expect(text.contains("c_ms_bucket{le=\"5\"} 3\n"))
        #expect(text.contains("c_ms_bucket{le=\"50000\"} 4\n"))
        #expect(text.contains("c_ms_bucket{le=\"+Inf\"} 5\n"))
        #expect(text.contains("c_ms_count 5\n"))
    }

    @Test func `JSON has Prisma's three lists and plain buckets`() {
        let text = Exposition.json(sample())
        #expect(text.hasPrefix("{\"counters\":[{\"key\":\"a_total\",\"labels\":{},\"value\":7,\"description\":\"All of them\"}]"))
        #expect(text.contains("\"buckets\":[[0,0],[1,2],[5,1],[10,0],[50,0],[100,1]"))
        #expect(text.contains("\"count\":5"))
    }

    @Test func `labels are escaped`() {
        let labels = [(name: "app", value: "a\"b\\c\nd")]
        #expect(Exposition.prometheus(sample(), labels: labels).contains("a_total{app=\"a\\\"b\\\\c\\nd\"} 7"))
        #expect(Exposition.json(sample(), labels: labels).contains("\"labels\":{\"app\":\"a\\\"b\\\\c\\u000ad\"}"))
    }

    @Test func `a label is escaped where an accent or a carriage return stands beside`() {
        let text = Exposition.prometheus(sample(), labels: [(name: "app", value: "a\"\u{301}\\\u{301}\r\nd")])
        #expect(text.utf8.contains(0x0D))
        let line = text.unicodeScalars.split(separator: "\n").map { String($0) }.first { $0.hasPrefix("a_total{") }
        #expect(line.map { Array($0.unicodeScalars) } == Array("a_total{app=\"a\\\"\u{301}\\\\\u{301}\r\\nd\"} 7".unicodeScalars))
    }

    @Test func `a label of one metric stands beside those of the caller`() {
        let metrics = [Metric("d_fault", "Why", .gauge(1), label: ("reason", "a \"b\"")), Metric("e_open", "Open", .gauge(0))]
        let text = Exposition.prometheus(metrics, labels: [(name: "app", value: "x")])
        #expect(text.contains("d_fault{app=\"x\",reason=\"a \\\"b\\\"\"} 1\n") && text.contains("e_open{app=\"x\"} 0\n"))
        let json = Exposition.json(metrics)
        #expect(json.contains("\"labels\":{\"reason\":\"a \\\"b\\\"\"}") && json.contains("\"key\":\"e_open\",\"labels\":{}"))
    }

    @Test func `counters and gauges count`() {
        let counter = Counter()
        counter.add()
        counter.add(4)
        #expect(counter.value == 5)
        let gauge = Gauge()
        gauge.increment()
        gauge.increment()
        gauge.decrement()
        #expect(gauge.value == 1)
    }
}
