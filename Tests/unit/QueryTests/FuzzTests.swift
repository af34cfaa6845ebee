import Testing
import Text

@testable import Query

/// A small generator with a fixed seed, so that a failure can be seen again.
private struct Dice: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

@Suite("Random requests")
struct FuzzTests {
    static let seeds = [
        #"{"model": "User", "operation": "findMany", "args": {"where": {"OR": [{"id": {"in": [1, 2]}}, {"name": {"not": {"contains": "a"}, "mode": "insensitive"}}], "posts": {"some": {"author": {"is": {"age": null}}}}}, "orderBy": [{"mentor": {"name": "asc"}}, {"posts": {"_count": "desc"}}, {"name": {"sort": "asc", "nulls": "last"}}], "take": -3, "skip": 1, "cursor": {"id": 4}, "distinct": ["name"], "cacheStrategy": {"ttl": 60, "swr": 1, "tags": ["a", "b"]}}, "timeoutMs": 50}"#,
        #"{"model": "Line", "operation": "findUnique", "args": {"where": {"postId_number": {"postId": 1, "number": 2}, "text": {"startsWith": "x"}}, "include": {"post": {"include": {"author": {"omit": {"id": true}}, "_count": {"select": {"lines": {"where": {"number": {"gt": 3}}}}}}}}}}"#,
        #"{"model": "User", "operation": "groupBy", "args": {"by": ["role", "age"], "having": {"id": {"_avg": {"gt": 2.5}}, "OR": [{"age": {"not": null}}]}, "_count": {"_all": true}, "_sum": {"big": true}, "orderBy": {"_max": {"name": "desc"}}, "take": 2}}"#,
        #"{"model": "User", "operation": "findFirst", "args": {"where": {"settings": {"path": ["a", "0"], "array_contains": [1, {"x": null}], "not": {"$type": "Enum", "value": "AnyNull"}}, "tags": {"hasEvery": ["a"], "has": {"_ref": "email", "_container": "User"}}, "seen": {"gte": {"$type": "DateTime", "value": "2024-01-01T00:00:00Z"}}, "balance": "1.50", "avatar": "AA==", "role": "ADMIN", "big": "9"}, "select": {"id": true, "posts": {"take": 1, "orderBy": {"rank": "asc"}}}}}"#,
        #"{"operation": "$queryRaw", "args": {"query": "SELECT $1", "parameters": [1, "x", [1, null], {"$type": "Bytes", "value": "AA=="}], "touches": ["a"]}}"#,
        #"{"operation": "$accelerate.invalidate", "args": {"tags": ["a", "b"]}}"#,
    ]
    /// Pieces that a mutation puts in: what has a meaning somewhere breaks more than noise does.
    static let pieces = [
        "null", "true", "1", "-1", "5000", "1.5", "1e999", "\"\"", "\"asc\"", "{}", "[]", "[{}]", "[null]", #"{"$type": "Json", "value": "{"}"#,
        #"{"$type": "Enum"}"#,
        #"{"_ref": "id", "_container": "User"}"#, "\"id\"", "\"posts\"", "\"not\"", "\"AND\"", "\"_count\"", "\"equals\"", "\"$type\"", "{\"not\": {}}",
        "\"\\u0000\"",
        "\"mentor\"", "\"where\"", "\"select\"", "99999999999999999999", ",", ":", "}", "]", "{", "[",
    ]

    /// Everything that reads a request, as a client calls it. A failure is as good as an answer.
    private func run(_ text: [UInt8], _ index: ShapeIndex) -> (canonical: String, values: [UInt8])? {
        do throws(Failure) {
            let document = try JSONDocument(scanning: text)
            let envelope = try Envelope.decode(document)
            switch envelope.operation {
            case .read:
                let walk = ShapeFingerprint(document, envelope)
                let fresh = try RequestShape(decoding: document, envelope, walk, blog)
                let known = index.find(document, walk)?.shape
                if let known { #expect(known.request?.canonicalText(blog) == fresh.request?.canonicalText(blog)) }
                index.insert(fresh, fresh)
                let list = try (known ?? fresh).bind(document, walk)
                return (fresh.request?.canonicalText(blog) ?? "", Array(list.bytes))
            case .queryRaw, .executeRaw: _ = try RawQuery.decode(envelope, document)
            case .invalidate: _ = try OperationArguments.tags(envelope, document)
            default: try OperationArguments.none(envelope, document)
            }
        } catch {
            #expect(error.status == .invalidRequest || error.status == .tooLarge)
            #expect(!error.message.isEmpty)
        }
        return nil
    }

    private func mutated(_ seed: [UInt8], _ dice: inout Dice) -> [UInt8] {
        var text = seed
        for _ in 0..<Int.random(in: 1...4, using: &dice) {
            let at = Int.random(in: 0..<max(text.count, 1), using: &dice)
            guard at < text.count else { break }
            switch Int.random(in: 0..<5, using: &dice) {
            case 0: text[at] = UInt8.random(in: 0...255, using: &dice)
            case 1: text.removeSubrange(at..<min(text.count, at + Int.random(in: 1...8, using: &dice)))
            case 2: text.insert(contentsOf: Self.pieces.randomElement(using: &dice)!.utf8, at: at)
            case 3:
                let end = min(text.count, at + Int.random(in: 1...40, using: &dice))
                text.insert(contentsOf: Array(text[at..<end]), at: Int.random(in: 0..<text.count, using: &dice))
            default: text = replacingToken(text, at, &dice)
            }
        }
        return text
    }

    /// Puts a piece in the place of a whole token, so that the text often stays JSON.
    private func replacingToken(_ text: [UInt8], _ at: Int, _ dice: inout Dice) -> [UInt8] {
        let isEnd: (UInt8) -> Bool = { ",:{}[]".utf8.contains($0) }
        guard let start = text[at...].firstIndex(where: { !isEnd($0) && $0 != UInt8(ascii: " ") }) else { return text }
        let end = text[start...].firstIndex(where: isEnd) ?? text.count
        return Array(text[..<start]) + Array(Self.pieces.randomElement(using: &dice)!.utf8) + Array(text[end...])
    }

    @Test("Mutations of valid requests are answered or refused, never more", arguments: Array(seeds.indices))
    func mutations(seed: Int) {
        var dice = Dice(state: UInt64(seed) &* 7919 &+ 1)
        let index = ShapeIndex()
        let text = Array(Self.seeds[seed].utf8)
        _ = run(text, index)
        for _ in 0..<3000 { _ = run(mutated(text, &dice), index) }
    }

    @Test("The order of members and white space never change what a request is")
    func shuffles() throws {
        var dice = Dice(state: 42)
        for seed in Self.seeds[..<4] {
            let expected = try #require(run(Array(seed.utf8), ShapeIndex()))
            let document = try JSONDocument(scanning: seed)
            for _ in 0..<50 {
                let shuffled = rewritten(document.root, &dice)
                let result = try #require(run(Array(shuffled.utf8), ShapeIndex()))
                #expect(result.canonical == expected.canonical)
                #expect(result.values == expected.values)
            }
        }
    }

    /// The same value with members in another order.
    private func rewritten(_ value: JSONValue, _ dice: inout Dice) -> String {
        let space = Bool.random(using: &dice) ? " " : "\n"
        switch value.kind {
        case .object:
            var members: [String] = []
            for member in value.members { members.append("\"\(member.name)\":\(space)" + rewritten(member.value, &dice)) }
            members.shuffle(using: &dice)
            return "{" + members.joined(separator: "," + space) + "}"
        case .array:
            var elements: [String] = []
            for element in value.elements { elements.append(rewritten(element, &dice)) }
            return "[" + elements.joined(separator: ",") + "]"
        case .string: return "\"\(value.string ?? "")\""
        case .number: return String(decoding: value.bytes, as: UTF8.self)
        case .null: return "null"
        case .true: return "true"
        case .false: return "false"
        }
    }
}
