import SQL
import Schema
import Testing

/// The SQL that makes tables tell of their changes. That it does what it should is tested on a server (`Tests/abi/test_listening.py`).
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
        let scripts = ChangeTriggers.installation(of: [table], functionSchema: #"f"x"#)
        #expect(scripts.count == 2)
        #expect(scripts[0].hasPrefix(#"CREATE OR REPLACE FUNCTION "f""x"."accelerant_changes_1"() RETURNS trigger LANGUAGE plpgsql AS $accelerant$"#))
        #expect(scripts[1].hasPrefix("DO $aaccelerant$\n") && scripts[1].hasSuffix("$aaccelerant$;\n"))
        #expect(scripts[1].contains(#"E'"s''"."t"" $accelerant$ \\"'::regclass"#))
        let removal = ChangeTriggers.removal(of: [table], functionSchema: "public")
        #expect(removal.count == 1 && removal[0].contains(#"DROP FUNCTION IF EXISTS "public"."accelerant_changes_1"();"#))
    }

    @Test func `the function looks for the mark that statements bear`() {
        let mark = ChangeTriggers.mark("0123456789abcdef")
        #expect(mark == "/*accelerant:0123456789abcdef*/ ")
        let function = ChangeTriggers.installation(of: [], functionSchema: "public")[0]
        #expect(function.contains("'/*accelerant:') = 1") && function.contains("substr(statement, 14, 16)"))
        #expect(Array(mark.utf8)[13..<29].elementsEqual("0123456789abcdef".utf8))
    }
}
