import Testing
import Text

@testable import Query

@Suite("Binding values")
struct BindingTests {
    @Test("Each type is written as PostgreSQL reads it")
    func types() throws {
        #expect(try bound(#"{"id": 7, "name": "it's", "active": true, "score": 1.5, "role": "READER"}"#) == ["7", "it's", "1.5", "t", "read-only"])
        #expect(try bound(#"{"big": "-9223372036854775808"}"#) == ["-9223372036854775808"])
        #expect(try bound(#"{"big": 42}"#) == ["42"])
        #expect(try bound(#"{"balance": "1e2"}"#) == ["100"])
        #expect(try bound(#"{"avatar": "aGVsbG8="}"#) == ["\\x68656c6c6f"])
        #expect(try bound(#"{"seen": "1969-12-31T18:59:59.999-05:00"}"#) == ["1969-12-31 23:59:59.999000+00"])
        #expect(try bound(#"{"born": "1815-12-10T00:00:00.000Z"}"#) == ["1815-12-10"])
        #expect(try bound(#"{"wakes": "1970-01-01T12:30:00.000Z"}"#) == ["12:30:00.000000"])
    }

    @Test(
        "Equal values give equal bytes, however they are written",
        arguments: [
            (#"{"id": 1}"#, #"{"id": 1.0}"#), (#"{"id": 100}"#, #"{"id": 1e2}"#), (#"{"score": 0}"#, #"{"score": -0.0}"#),
            (#"{"balance": "1.50"}"#, #"{"balance": 1.5}"#), (#"{"big": "7"}"#, #"{"big": 7}"#),
            (#"{"seen": "2024-02-29T12:00:00Z"}"#, #"{"seen": "2024-02-29T14:30:00.000+02:30"}"#),
            (#"{"seen": "2024-02-29T12:00:00Z"}"#, #"{"seen": {"$type": "DateTime", "value": "2024-02-29T12:00:00Z"}}"#),
            (#"{"settings": {"equals": {"a": 1, "b": [1.0]}}}"#, #"{"settings": {"equals": {"b": [1], "a": 1}}}"#),
            (#"{"settings": {"equals": {"$type": "Json", "value": "{\"a\": 1}"}}}"#, #"{"settings": {"equals": {"a": 1}}}"#),
            (#"{"id": {"in": [1, 2.0]}}"#, #"{"id": {"in": [1.0, 2]}}"#),
        ])
    func equalValues(pair: (String, String)) throws {
        #expect(try bound(pair.0) == bound(pair.1))
        #expect(try filter(pair.0) == filter(pair.1))
    }

    @Test("Lists are array literals, quoted")
    func lists() throws {
        #expect(try bound(#"{"id": {"in": [1, 2]}}"#) == [#"{"1","2"}"#])
        #expect(try bound(#"{"name": {"in": ["a\"b", "c\\d", ""]}}"#) == [#"{"a\"b","c\\d",""}"#])
        #expect(try bound(#"{"name": {"in": []}}"#) == ["{}"])
        #expect(try bound(#"{"avatar": {"in": ["AA=="]}}"#) == [#"{"\\x00"}"#])
        #expect(try bound(#"{"role": {"in": ["ADMIN", "READER"]}}"#) == [#"{"ADMIN","read-only"}"#])
        #expect(try bound(#"{"name": {"in": ["50%"], "mode": "insensitive"}}"#) == [#"{"50\\%"}"#])
    }

    @Test("Patterns have their special characters escaped")
    func patterns() throws {
        #expect(try bound(#"{"name": {"contains": "50%_\\"}}"#) == [#"%50\%\_\\%"#])
        #expect(try bound(#"{"name": {"startsWith": "a"}}"#) == ["a%"])
        #expect(try bound(#"{"name": {"endsWith": "a"}}"#) == ["%a"])
        #expect(try bound(#"{"name": {"equals": "a_b", "mode": "insensitive"}}"#) == [#"a\_b"#])
    }

    @Test("Json is written as text; its own $type survives inside a tagged Json")
    func json() throws {
        #expect(try bound(#"{"settings": {"path": ["a", "0"], "equals": [1, "x", null, {"k": true}]}}"#) == [#"{"a","0"}"#, #"[1,"x",null,{"k":true}]"#])
        #expect(
            try bound(#"{"settings": {"equals": {"$type": "Json", "value": "{\"$type\": \"Mine\", \"value\": 1}"}}}"#)
                == [#"{"$type":"Mine","value":1}"#])
        #expect(try bound(#"{"settings": {"array_contains": {"$type": "JsonNull"}}}"#) == ["null"])
    }

    @Test(
        "What does not fit its type is refused, by code and path",
        arguments: [
            (#"{"id": "1"}"#, "P2009 args.where.id"), (#"{"id": true}"#, "P2009 args.where.id"), (#"{"id": 1.5}"#, "P2009 args.where.id"),
            (#"{"id": 3000000000}"#, "P2020 args.where.id"), (#"{"id": 1e30}"#, "P2033 args.where.id"),
            (#"{"small": 40000}"#, "P2020 args.where.small"), (#"{"big": "abc"}"#, "P2009 args.where.big"),
            (#"{"big": "9223372036854775808"}"#, "P2009 args.where.big"), (#"{"big": 9223372036854775808}"#, "P2033 args.where.big"),
            (#"{"score": "1"}"#, "P2009 args.where.score"), (#"{"score": 1e400}"#, "P2020 args.where.score"),
            (#"{"balance": "x"}"#, "P2009 args.where.balance"), (#"{"name": 1}"#, "P2009 args.where.name"),
            (#"{"name": "a\u0000b"}"#, "P2009 args.where.name"), (#"{"active": "true"}"#, "P2009 args.where.active"),
            (#"{"role": "read-only"}"#, "P2009 args.where.role"), (#"{"role": {"in": ["ADMIN", "X"]}}"#, "P2009 args.where.role.in"),
            (#"{"seen": "2020-13-01T00:00:00Z"}"#, "P2009 args.where.seen"), (#"{"seen": "2020-01-01"}"#, "P2009 args.where.seen"),
            (#"{"avatar": "not base64!"}"#, "P2009 args.where.avatar"), (#"{"name": {"in": [1]}}"#, "P2009 args.where.name.in"),
            (#"{"settings": {"equals": "a\u0000"}}"#, "P2009 args.where.settings.equals"),
        ])
    func mismatches(pair: (String, String)) throws {
        #expect(try failure { try bound(pair.0) }.place == pair.1)
    }

    @Test("take and skip are bound without their sign")
    func magnitudes() throws {
        #expect(try values(#"{"model": "User", "operation": "findMany", "args": {"take": -3, "skip": 2}}"#) == ["3", "2"])
        #expect(try failure { try values(#"{"model": "User", "operation": "findMany", "args": {"take": 1.5}}"#) }.place == "P2009 args.take")
        #expect(try failure { try values(#"{"model": "User", "operation": "findMany", "args": {"take": 3000000000}}"#) }.place == "P2020 args.take")
    }
}
