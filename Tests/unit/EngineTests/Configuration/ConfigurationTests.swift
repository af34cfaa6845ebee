import Testing
import Text

@testable import Engine

@Suite("Configuration") struct ConfigurationTests {
    private func read(_ text: String) throws(Failure) -> Configuration {
        try Configuration(try JSONDocument(scanning: text))
    }

    private func failure(_ text: String) -> Failure? {
        do {
            _ = try read(text)
            return nil
        } catch {
            return error
        }
    }

    @Test func `everything can be set`() throws {
        let configuration = try read(
            """
            {"schema": "model A { id Int @id }", "datasourceUrl": "postgresql://h/d", "directUrl": "postgresql://d/d", "region": "fra1", "clock": "manual",
             "cache": {"listen": true, "listenTimeoutMs": 700, "maxBytes": 1000000, "maxEntryBytes": 1000},
             "limits": {"queryTimeoutMs": 50, "responseBytes": 1024, "requestBytes": 2048, "queueLength": 7,
                        "invalidatedTagsPerDay": 3, "invalidateAllPerHour": null}}
            """)
        #expect(configuration.schema == .text("model A { id Int @id }"))
        #expect(configuration.region == "fra1" && configuration.clock == .manual)
        #expect(configuration.isListening && configuration.limits.listenTimeoutMilliseconds == 700)
        #expect(configuration.directURL == "postgresql://d/d")
        #expect(configuration.limits.cacheBytes == 1_000_000 && configuration.limits.cacheEntryBytes == 1000)
        #expect(configuration.limits.queryTimeoutMilliseconds == 50 && configuration.limits.responseBytes == 1024)
        #expect(configuration.limits.invalidatedTagsPerDay == 3 && configuration.limits.invalidateAllPerHour == nil)
    }

    @Test func `what is not set has its default`() throws {
        let configuration = try read("{\"schemaPath\": \"a.prisma\"}")
        #expect(configuration.limits == Limits())
        #expect(configuration.region == "unspecified" && configuration.clock == .system && configuration.datasourceURL == nil)
    }

    @Test func `without a schema there is none`() throws {
        #expect(try read("{}").schema == nil)
    }

    @Test(arguments: [
        ("{\"shema\": \"\"}", "shema", "`schema`"),
        ("{\"schema\": \"\", \"cache\": {\"maxbytes\": 1}}", "cache.maxbytes", "`maxBytes`"),
        ("{\"schema\": \"\", \"limits\": {\"queryTimeout\": 1}}", "limits.queryTimeout", "`queryTimeoutMs`"),
    ])
    func `an unknown key suggests the nearest`(text: String, path: String, suggestion: String) {
        let failure = failure(text)
        #expect(failure?.code == "P6001" && failure?.status == .invalidConfiguration)
        #expect(failure?.meta.first?.value == .text(path))
        #expect(failure?.message.contains("Did you mean \(suggestion)?") == true)
    }

    @Test(arguments: [
        "[]", "{\"schema\": 1}", "{\"schema\": \"\", \"schemaPath\": \"\"}", "{\"schema\": \"\", \"region\": []}",
        "{\"schema\": \"\", \"clock\": \"sundial\"}",
        "{\"schema\": \"\", \"cache\": 1}", "{\"schema\": \"\", \"cache\": {\"maxBytes\": -1}}", "{\"schema\": \"\", \"limits\": {\"queryTimeoutMs\": 0}}",
        "{\"schema\": \"\", \"limits\": {\"responseBytes\": 1.5}}", "{\"schema\": \"a\\u0000b\"}",
    ])
    func `what cannot be used is refused`(text: String) {
        #expect(failure(text)?.code == "P6001")
    }
}
