import SQL
import Schema
import Testing

/// The SQL that makes tables tell of their changes. That it does what it should is tested on a server (`Tests/integration/listening/test_listening.py`).
@Suite struct ChangeTriggerTests {
    @Test func `tables are those of models and of implicit relations, each once, without views`() throws {
        let schema = try Schema.parse(
            """
            model User { id Int @id
              posts Post[]
              tags Tag[] }
            model Post { id Int @id
              author User @relation(fields: [authorID], references: [id])
              authorID Int
              @@map("posts") }
            model Tag { id Int @id
              users User[] }
            view Active { id Int @unique }
            """)
        let tables = ChangeTriggers.tables(of: schema, SQLSettings(defaultSchema: "app"))
        #expect(tables.map(\.path) == ["app.User", "app._TagToUser", "app.posts", "app.Tag"])
        #expect(ChangeTriggers.tables(of: schema, SQLSettings()).first?.path == "User")
    }

    @Test func `names are quoted as identifiers within literals within bodies`() {
        let table = ChangeTriggers.Table(schema: "s'", name: #"t" $accelerant$ \"#)
        let script = ChangeTriggers.installation(of: [table], functionSchema: #"f"x"#)
        #expect(script.hasPrefix("DO $aaccelerant$\n") && script.hasSuffix("$aaccelerant$;\n"))
        #expect(script.contains(#"CREATE OR REPLACE FUNCTION "f""x"."accelerant_changes_1"() RETURNS trigger"#))
        #expect(script.contains(#"E'"s''"."t"" $accelerant$ \\"'::pg_catalog.regclass"#))
        let removal = ChangeTriggers.removal(of: [table], functionSchema: "public")
        #expect(removal.contains(#"DROP FUNCTION "public"."accelerant_changes_1"();"#))
    }

    @Test func `the function looks for the mark that statements bear`() {
        let mark = ChangeTriggers.mark("0123456789abcdef")
        #expect(mark == "/*accelerant:0123456789abcdef*/ ")
        let function = ChangeTriggers.functionText
        #expect(function.contains("'/*accelerant:') OPERATOR(pg_catalog.=) 1") && function.contains("substr(statement, 14, 16)"))
        #expect(function.contains("substr(statement, 33)") && mark.utf8.count == 32)
        #expect(Array(mark.utf8)[13..<29].elementsEqual("0123456789abcdef".utf8))
    }
}
