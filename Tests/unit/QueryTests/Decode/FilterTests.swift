import Testing
import Text

@testable import Query

@Suite("Filters on scalars")
struct FilterTests {
    @Test("A plain value is compared, null is asked for, an object holds operators")
    func shorthand() throws {
        #expect(try filter(#"{"id": 1}"#) == "( id equals $0)")
        #expect(try filter(#"{"name": null}"#) == "( name null)")
        #expect(try filter(#"{"name": {"equals": null}}"#) == "( name null)")
        #expect(try filter(#"{"id": {"gt": 1, "lte": 9}}"#) == "(all( id lessOrEqual $0)( id greater $1))")
        #expect(try filter(#"{"id": {}}"#) == "")
    }

    @Test("Members are visited in one order, whatever the order of the text")
    func order() throws {
        let first = try users(#"{"where": {"id": {"lt": 9, "gt": 1}, "OR": [{"name": "a"}, {"age": 3}]}, "take": 3}"#)
        let second = try users(#"{"take": 3, "where": {"OR": [{"name": "a"}, {"age": 3}], "id": {"gt": 1, "lt": 9}}}"#)
        #expect(first == second)
    }

    @Test("not turns each test of its object round by itself")
    func negation() throws {
        #expect(try filter(#"{"id": {"not": {"equals": 1, "gt": 5}}}"#) == "(all( id notEquals $0)( id lessOrEqual $1))")
        #expect(try filter(#"{"id": {"not": 1}}"#) == "( id notEquals $0)")
        #expect(try filter(#"{"id": {"not": {"not": 1}}}"#) == "( id notEquals $0)")
        #expect(try filter(#"{"id": {"not": {"not": {"equals": 1}}}}"#) == "( id equals $0)")
        #expect(try filter(#"{"name": {"not": null}}"#) == "( name not-null)")
        #expect(try filter(#"{"name": {"not": {"not": null}}}"#) == "( name not-null)")
        #expect(try filter(#"{"name": {"not": {"contains": "x"}}}"#) == "( name !contains $0pba)")
        #expect(try filter(#"{"id": {"not": {"in": [1, 2]}}}"#) == "( id !in $0l)")
        #expect(try filter(#"{"id": {"not": {"notIn": [1, 2]}}}"#) == "( id in $0l)")
    }

    @Test("in and notIn with null ask for null; a null among the elements is an error")
    func lists() throws {
        #expect(try filter(#"{"name": {"in": null}}"#) == "( name null)")
        #expect(try filter(#"{"name": {"notIn": null}}"#) == "( name not-null)")
        #expect(try filter(#"{"name": {"in": []}}"#) == "( name in $0l)")
        #expect(try failure { try filter(#"{"id": {"in": [1, null]}}"#) }.place == "P2009 args.where.id.in[1]")
        #expect(try failure { try filter(#"{"id": {"in": 1}}"#) }.place == "P2009 args.where.id.in")
    }

    @Test("mode reaches nested filters; without regard to case, equality is a pattern")
    func insensitive() throws {
        #expect(try filter(#"{"name": {"equals": "a", "mode": "insensitive"}}"#) == "( name equals~ $0p)")
        #expect(try filter(#"{"name": {"not": {"contains": "a"}, "mode": "insensitive"}}"#) == "( name !contains~ $0pba)")
        #expect(try filter(#"{"name": {"in": ["a"], "mode": "insensitive"}}"#) == "( name in~ $0ps)")
        #expect(try filter(#"{"name": {"gt": "a", "mode": "insensitive"}}"#) == "( name greater~ $0)")
        #expect(try filter(#"{"name": {"equals": "a", "mode": "default"}}"#) == "( name equals $0)")
        #expect(try failure { try filter(#"{"name": {"mode": "loud"}}"#) }.place == "P2009 args.where.name.mode")
        #expect(try failure { try filter(#"{"name": {"not": {"mode": "insensitive"}}}"#) }.place == "P2009 args.where.name.not.mode")
    }

    @Test("Empty groups say nothing, but for an empty OR at the root")
    func groups() throws {
        #expect(try filter(#"{"OR": []}"#) == "(any)")
        #expect(try filter(#"{"OR": [{}]}"#) == "(any)")
        #expect(try filter(#"{"OR": [{}, {"id": 3}]}"#) == "( id equals $0)")
        #expect(try filter(#"{"OR": [{"id": {}}, {"id": 3}]}"#) == "( id equals $0)")
        #expect(try filter(#"{"AND": [{"OR": []}]}"#) == "")
        #expect(try filter(#"{"NOT": {"OR": []}}"#) == "")
        #expect(try filter(#"{"AND": []}"#) == "")
        #expect(try filter(#"{"NOT": [{"id": 1}, {"id": 2}]}"#) == "(all(not( id equals $0))(not( id equals $1)))")
        #expect(try filter(#"{"NOT": {"id": 1, "age": 2}}"#) == "(not(all( id equals $0)( age equals $1)))")
        #expect(try filter(#"{"posts": {"some": {"OR": []}}}"#) == "( posts some(any))")
    }

    @Test("Each type has the operators that Prisma gives it")
    func operators() throws {
        #expect(try failure { try filter(#"{"avatar": {"gt": "AA=="}}"#) }.place == "P2009 args.where.avatar.gt")
        #expect(try failure { try filter(#"{"active": {"in": [true]}}"#) }.place == "P2009 args.where.active.in")
        #expect(try failure { try filter(#"{"role": {"gt": "ADMIN"}}"#) }.place == "P2009 args.where.role.gt")
        #expect(try failure { try filter(#"{"seen": {"contains": "x"}}"#) }.place == "P2009 args.where.seen.contains")
        #expect(try failure { try filter(#"{"uuid": {"contains": "x"}}"#) }.place == "P2009 args.where.uuid.contains")
        #expect(try filter(#"{"role": {"in": ["ADMIN"]}}"#) == "( role in $0l)")
        #expect(try filter(#"{"name": {"search": "cat & dog"}}"#) == "( name search $0)")
        // Fields that are searched for one text are taken as one text.
        let joined = try filter(#"{"name": {"search": "cat"}, "email": {"search": "cat"}}"#)
        #expect(joined.hasPrefix("(search") && joined.contains(" name") && joined.contains(" email") && !joined.contains("$1"))
        #expect(try filter(#"{"OR": [{"name": {"search": "cat"}}, {"email": {"search": "dog"}}]}"#).hasPrefix("(any("))
    }

    @Test("Null is refused where a field is never null")
    func required() throws {
        #expect(try failure { try filter(#"{"id": null}"#) }.place == "P2009 args.where.id")
        #expect(try failure { try filter(#"{"id": {"not": null}}"#) }.place == "P2009 args.where.id.not")
        #expect(try failure { try filter(#"{"name": {"gt": null}}"#) }.place == "P2009 args.where.name.gt")
    }

    @Test("Field references stand inside operators, on the same model, with the same type")
    func references() throws {
        #expect(try filter(#"{"name": {"equals": {"_ref": "email", "_container": "User"}}}"#) == "( name equals @ email)")
        #expect(
            try filter(#"{"name": {"contains": {"$type": "FieldRef", "value": {"_ref": "email", "_container": "User"}}}}"#)
                == "( name contains @ email)")
        #expect(try filter(#"{"name": {"in": {"_ref": "tags", "_container": "User"}}}"#) == "( name in @ tags)")
        #expect(try failure { try filter(#"{"name": {"_ref": "email", "_container": "User"}}"#) }.code == "P2009")
        let wrong = [
            #"{"name": {"equals": {"_ref": "id", "_container": "User"}}}"#, #"{"name": {"equals": {"_ref": "nope", "_container": "User"}}}"#,
            #"{"name": {"equals": {"_ref": "title", "_container": "Post"}}}"#, #"{"name": {"in": {"_ref": "email", "_container": "User"}}}"#,
        ]
        for text in wrong { #expect(try failure { try filter(text) }.code == "P2019") }
    }
}
