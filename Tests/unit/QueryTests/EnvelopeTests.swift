import Testing
import Text

@testable import Query

@Suite("The envelope of a request")
struct EnvelopeTests {
    func envelope(_ text: String) throws -> Envelope { try Envelope.decode(JSONDocument(scanning: text)) }

    func place(_ text: String) throws -> String { try failure { try envelope(text) }.place }

    @Test("Operation, model, args and the time limit are found")
    func members() throws {
        let envelope = try envelope(#"{"args": {"where": {"id": 1}}, "timeoutMs": 2500.0, "model": "User", "operation": "findFirst"}"#)
        #expect(envelope.operation == .read(.findFirst))
        #expect(envelope.timeoutMilliseconds == 2500)
        #expect(envelope.model != nil && envelope.args != nil)
        #expect(envelope.cacheStrategy == nil)
    }

    @Test("Every operation is known by its name")
    func operations() throws {
        for name in Operation.names {
            let text = name.hasPrefix("$") ? #"{"operation": "\#(name)"}"# : #"{"operation": "\#(name)", "model": "User"}"#
            #expect(throws: Never.self) { try envelope(text) }
        }
        #expect(try envelope(#"{"operation": "$accelerate.invalidate", "args": {"tags": ["a"]}}"#).operation == .invalidate)
    }

    @Test("What is missing, unknown or of another kind is named")
    func faults() throws {
        #expect(try place("[]") == "P2009 request")
        #expect(try place("{}") == "P2012 operation")
        #expect(try place(#"{"operation": 1, "model": "User"}"#) == "P2009 operation")
        #expect(try place(#"{"operation": "findMany"}"#) == "P2012 model")
        #expect(try place(#"{"operation": "findMany", "model": 3}"#) == "P2009 model")
        #expect(try place(#"{"operation": "$connect", "model": "User"}"#) == "P2009 model")
        #expect(try place(#"{"operation": "findMany", "model": "User", "args": 1}"#) == "P2009 args")
        let unknown = try failure { try envelope(#"{"operatoin": "findMany", "zz": 1}"#) }
        #expect(unknown.place == "P2009 operatoin" && unknown.message.contains("`operation`"))
        let misspelt = try failure { try envelope(#"{"operation": "findMny", "model": "User"}"#) }
        #expect(misspelt.place == "P2009 operation" && misspelt.message.contains("`findMany`"))
        let long = try failure { try envelope(#"{"\#(String(repeating: "k", count: 5000))": 1}"#) }
        #expect(long.message.utf8.count < 300)
    }

    @Test("timeoutMs is a whole number of milliseconds", arguments: ["0", "-1", "1.5", #""60""#, "1e30", "true", "86400001"])
    func timeouts(value: String) throws {
        #expect(try place(#"{"operation": "count", "model": "User", "timeoutMs": \#(value)}"#) == "P6005 timeoutMs")
    }

    @Test("A traceparent is read, and is no part of anything else")
    func traceParents() throws {
        let value = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        let traced = try envelope(#"{"operation": "count", "model": "User", "traceparent": "\#(value)"}"#)
        #expect(traced.trace.parent != nil && traced.trace.isInStatements && traced.trace.number == 0)
        #expect(try envelope(#"{"operation": "count", "model": "User", "traceparent": null}"#).trace.parent == nil)
        #expect(try envelope(#"{"operation": "$connect", "traceparent": "\#(value)"}"#).trace.parent != nil)
        for wrong in ["1", "\"\"", "\"00-1-1-01\"", "\"\(value.uppercased())\"", "[]", "true"] {
            #expect(try place(#"{"operation": "count", "model": "User", "traceparent": \#(wrong)}"#) == "P6005 traceparent")
        }
    }

    @Test("Comments are sorted and encoded, and a sampled trace is one of them")
    func comments() throws {
        func comment(_ members: String) throws -> String? {
            let found = try envelope(#"{"operation": "count", "model": "User", \#(members)}"#).trace.comment
            return found.map { String(decoding: $0.text, as: UTF8.self) }
        }
        let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7"
        #expect(try comment(#""comments": {"z": "*/", "a b": "it's ü-_.!~*()"}"#) == #"a%20b='it\'s%20%C3%BC-_.!~*()',z='*%2F'"#)
        #expect(try comment(#""comments": {"a": "", "z": "1"}, "traceparent": "\#(trace)-01""#) == "a='',traceparent='\(trace)-01',z='1'")
        #expect(try comment(#""comments": {"a": "1"}, "traceparent": "\#(trace)-00""#) == "a='1'")
        #expect(try comment(#""comments": {"traceparent": "own"}, "traceparent": "\#(trace)-01""#) == "traceparent='own'")
        #expect(try comment(#""comments": null, "traceparent": "\#(trace)-01""#) == nil)
        #expect(try comment(#""comments": {}"#) == nil)
        let long = String(repeating: "x", count: 4_092)
        #expect(try comment(#""comments": {"a": "\#(long)"}"#)?.utf8.count == 4_096)
        for wrong in ["1", "[]", #""a""#, #"{"a": 1}"#, #"{"a": null}"#, #"{"a": {}}"#, #"{"": "a"}"#, #"{"a": "\u0000"}"#, #"{"a": "x\#(long)"}"#] {
            #expect(try place(#"{"operation": "count", "model": "User", "comments": \#(wrong)}"#) == "P6005 comments", "\(wrong)")
        }
    }

    @Test("The arguments of the library's own operations are checked")
    func arguments() throws {
        func tags(_ args: String) throws -> [[UInt8]] {
            let document = try JSONDocument(scanning: #"{"operation": "$accelerate.invalidate", "args": \#(args)}"#)
            return try OperationArguments.tags(Envelope.decode(document), document)
        }
        #expect(try tags(#"{"tags": ["a", "b", "a"]}"#) == [Array("a".utf8), Array("b".utf8)])
        #expect(try tags(#"{"tags": ["a", "b", "c", "d", "e"]}"#).count == 5)
        for wrong in [
            #"{"tags": ["a", "a", "a", "a", "a", "a"]}"#, #"{"tags": []}"#, "{}", "null", #"{"tags": ["a"], "all": true}"#, #"{"tags": ["a", "b c"]}"#,
        ] {
            #expect(try failure { try tags(wrong) }.code == "P6005", "\(wrong)")
        }
        func milliseconds(_ args: String) throws -> Int64 {
            let document = try JSONDocument(scanning: #"{"operation": "$clock.advance", "args": \#(args)}"#)
            return try OperationArguments.clockMilliseconds(Envelope.decode(document), document)
        }
        #expect(try milliseconds(#"{"milliseconds": 6e4}"#) == 60_000)
        for wrong in [#"{"milliseconds": -1}"#, #"{"milliseconds": 0.5}"#, "{}", #"{"seconds": 1}"#] {
            #expect(try failure { try milliseconds(wrong) }.code == "P6005", "\(wrong)")
        }
    }
}

@Suite("cacheStrategy")
struct CacheStrategyTests {
    func strategy(_ value: String, operation: String = "findMany") throws -> CacheStrategy? {
        let model = operation.hasPrefix("$") ? "" : #""model": "User", "#
        return try Envelope.decode(JSONDocument(scanning: #"{\#(model)"operation": "\#(operation)", "args": {"cacheStrategy": \#(value)}}"#)).cacheStrategy
    }

    @Test("Seconds and tags are read; each tag counts once; nothing given is no strategy")
    func valid() throws {
        let all = try strategy(#"{"ttl": 60.0, "swr": 0, "tags": ["emails_with_alice", "B", "B"]}"#)
        #expect(all == CacheStrategy(ttl: 60, swr: 0, tags: [Array("emails_with_alice".utf8), Array("B".utf8)]))
        #expect(try strategy("null") == CacheStrategy())
        #expect(try strategy("{}") == CacheStrategy())
        #expect(try strategy(#"{"ttl": 31536000}"#)?.ttl == 31_536_000)
        #expect(try strategy(#"{"tags": ["\#(String(repeating: "x", count: 64))"]}"#)?.tags.count == 1)
    }

    @Test("ttl and swr refuse what is no whole number of seconds", arguments: ["-1", "1.5", "1e400", #""60""#, "true", "[]", "31536001"])
    func seconds(value: String) throws {
        for name in ["ttl", "swr"] {
            let failure = try failure { try strategy(#"{"\#(name)": \#(value)}"#) }
            #expect(failure.place == "P6005 args.cacheStrategy.\(name)")
            #expect(failure.message.hasPrefix("An invalid parameter was provided. "))
        }
    }

    @Test(
        "A tag has 1 to 64 letters, digits and underscores",
        arguments: ["", "a b", "a-b", "a.b", "a,b", "é", "a\\u0000", "😀", "a\\n", String(repeating: "x", count: 65)])
    func tags(tag: String) throws {
        #expect(try failure { try strategy(#"{"tags": ["ok", "\#(tag)"]}"#) }.place == "P6005 args.cacheStrategy.tags[1]")
    }

    @Test("What is no object, no list, no string or not known is refused")
    func kinds() throws {
        #expect(try failure { try strategy("60") }.place == "P6005 args.cacheStrategy")
        #expect(try failure { try strategy("[]") }.place == "P6005 args.cacheStrategy")
        #expect(try failure { try strategy(#"{"tags": "a"}"#) }.place == "P6005 args.cacheStrategy.tags")
        #expect(try failure { try strategy(#"{"tags": [1]}"#) }.place == "P6005 args.cacheStrategy.tags[0]")
        #expect(try failure { try strategy(#"{"tll": 1}"#) }.place == "P6005 args.cacheStrategy.tll")
        let many = (0..<65).map { "\"t\($0)\"" }.joined(separator: ",")
        #expect(try failure { try strategy(#"{"tags": [\#(many)]}"#) }.place == "P6005 args.cacheStrategy.tags")
    }

    @Test("Only reads take a strategy", arguments: ["create", "deleteMany", "$queryRaw", "$executeRaw", "$accelerate.invalidateAll"])
    func writes(operation: String) throws {
        #expect(try failure { try strategy(#"{"ttl": 60}"#, operation: operation) }.place == "P6005 args.cacheStrategy")
    }

    @Test("Of several faults the same one is reported, whatever the order of the text")
    func oneFault() throws {
        let first = try failure { try strategy(#"{"ttl": -1, "zzz": 1, "aaa": 2, "tags": 3}"#) }
        let second = try failure { try strategy(#"{"tags": 3, "aaa": 2, "zzz": 1, "ttl": -1}"#) }
        #expect(first == second)
        #expect(first.place == "P6005 args.cacheStrategy.aaa")
    }
}
