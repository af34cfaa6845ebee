import Query
import SQL
import Schema
import Testing

/// No byte of a request gets into SQL: the plan is made from a request that holds none of its values, and names of the schema are quoted.
@Suite struct InjectionTests {
    @Test func `hostile names of the schema are quoted`() throws {
        let schema = try Schema.parse(
            #"""
            model A {
              id Int @id @map("i\"; DROP TABLE x; --")
              s  String @map("'\\")
              @@map("t\" WHERE 1=1; --")
            }
            """#)
        let filter = Filter.scalar(field: 1, .compare(.equals, .slot(0), isInsensitive: false))
        let request = Request(
            operation: .findMany, model: 0, body: .find(Rows(model: 0, filter: filter), Selection(scalars: [0])), slots: [])
        let plan = Compiler.compile(request, schema: schema, settings: SQLSettings(defaultSchema: "a\"b"))
        #expect(
            plan.statements[0].text
                == #"SELECT t0."i""; DROP TABLE x; --" FROM "a""b"."t"" WHERE 1=1; --" AS t0 WHERE t0."'\" = $1"#)
    }

    @Test func `what a slot is called or holds does not reach the text`() throws {
        let blog = try Blog()
        let body = Request.Body.find(try blog.rows("User", blog.equals("User", "name", slot: 0)), try blog.selection("User", ["id"]))
        let slots = ["args.where.name", "'; DROP TABLE users; --"].map { path in
            [Slot(form: .value, type: Slot.ValueType(.string), ordinal: 0, path: path)]
        }
        let plans = slots.map {
            Compiler.compile(Request(operation: .findMany, model: 0, body: body, slots: $0), schema: blog.schema).statements
        }
        #expect(plans[0] == plans[1])
    }
}
