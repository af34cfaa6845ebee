import Telemetry
import Testing
import Text

@testable import Engine

@Suite("The configuration of the log")
struct LogConfigurationTests {
    private func read(_ log: String) throws(Failure) -> Log.Settings? {
        try Configuration(try JSONDocument(scanning: "{\"schema\": \"\", \"log\": \(log)}")).log
    }

    private func path(_ log: String) -> String {
        do throws(Failure) {
            _ = try read(log)
            return ""
        } catch {
            guard case .text(let path)? = error.meta.first?.value, error.code == "P6001" else { return error.code }
            return path
        }
    }

    @Test("Nothing is logged unless it is asked for")
    func off() throws {
        #expect(try Configuration(try JSONDocument(scanning: "{\"schema\": \"\"}")).log == nil)
        #expect(try read("null") == nil)
        #expect(try read("[]") == Log.Settings())
    }

    @Test("Levels are named, or are objects with what belongs to them")
    func levels() throws {
        let all = try #require(try read(#"["query", "info", "warn", "error", "query"]"#))
        #expect(all.levels == [.query, .info, .warn, .error] && !all.showsParameters && all.slowNanoseconds == 1_000_000_000)
        let some = try #require(try read(#"[{"level": "query", "params": true}, "error", {"level": "warn", "slowMs": 20}]"#))
        #expect(some.levels == [.query, .warn, .error] && some.showsParameters && some.slowNanoseconds == 20_000_000)
        #expect(try read(#"[{"level": "query", "params": false}]"#)?.showsParameters == false)
    }

    @Test(
        "What cannot be used is named with its place",
        arguments: [
            ("true", "log"), ("\"query\"", "log"), ("{}", "log"), ("[1]", "log[0]"), (#"["query", "debug"]"#, "log[1]"),
            (#"[{}]"#, "log[0].level"), (#"[{"level": "trace"}]"#, "log[0].level"), (#"[{"level": "query", "emit": "event"}]"#, "log[0].emit"),
            (#"[{"level": "info", "params": true}]"#, "log[0].params"), (#"[{"level": "query", "params": 1}]"#, "log[0].params"),
            (#"[{"level": "warn", "slowMs": -1}]"#, "log[0].slowMs"), (#"[{"level": "warn", "slowMs": "1"}]"#, "log[0].slowMs"),
        ])
    func refused(log: String, place: String) {
        #expect(path(log) == place)
    }

    @Test("The bounds are limits like the others")
    func bounds() throws {
        let text = #"{"schema": "", "limits": {"logEvents": 5, "logBytes": 1000}}"#
        let limits = try Configuration(try JSONDocument(scanning: text)).limits
        #expect(limits.logEvents == 5 && limits.logBytes == 1000)
        #expect(Limits().logEvents == 10_000)
    }
}
