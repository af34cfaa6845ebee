import Schema
import Testing

/// What reads well and no database of PostgreSQL, or no program of Prisma's, would take.
@Suite("Mistakes that the database would refuse") struct DatabaseRuleTests {
    @Test(
        "a block",
        arguments: [
            (
                "generator client {\n output = \"../generated\"\n}",
                ["1:11: the generator \"client\" has no provider; expected provider = \"prisma-client\", or another program's name"]
            ),
            (
                "generator client {\n provider = \"a\"\n provider = \"b\"\n}",
                ["3:2: the property \"provider\" is given twice; expected it once"]
            ),
            (
                "datasource db {\n provider = \"postgresql\"\n extensions = [citext, citext]\n}",
                ["3:24: the extension \"citext\" is listed twice; expected it once"]
            ),
            (
                "datasource db {\n provider = \"postgresql\"\n extensions = [citext, citext(schema: \"x\")]\n}",
                ["3:24: the extension \"citext\" is listed twice; expected it once"]
            ),
        ])
    func blocks(text: String, expected: [String]) {
        #expect(SchemaText.errors(text) == expected)
    }

    @Test(
        "a field",
        arguments: [
            ("x String @db.Text @db.VarChar(40)", ["3:20: @db.VarChar on a field that has @db.Text already; expected one native type"]),
            ("x String @db.VarChar(4) @db.VarChar(40)", ["3:26: the attribute @db.VarChar is given twice; expected it once"]),
            (
                "x Int @default(2147483648)",
                ["3:17: the number 2147483648 as the default of a field of type Int; expected a number from -2147483648 to 2147483647"]
            ),
            (
                "x Int[] @default([1, -2147483649])",
                ["3:23: the number -2147483649 as the default of a field of type Int; expected a number from -2147483648 to 2147483647"]
            ),
            (
                "x Int @default(40000) @db.SmallInt",
                ["3:17: the number 40000 as the default of a field of type Int; expected a number from -32768 to 32767"]
            ),
            ("x Int @default(2147483647)", []),
            ("x Int @default(-2147483648)", []),
            ("x Int @default(4294967295) @db.Oid", []),
            ("x BigInt @default(2147483648)", []),
        ])
    func fields(line: String, expected: [String]) {
        #expect(SchemaText.errors("model A {\n id Int @id\n \(line)\n}") == expected)
    }

    @Test(
        "a key or an index",
        arguments: [
            (
                "model A {\n id Int @id\n b Int\n @@index([id, b], type: Hash)\n}",
                ["4:2: @@index of type Hash over several fields; expected one field"]
            ),
            (
                "view V {\n id Int\n @@index([id])\n}",
                ["3:2: @@index in a view, which has no indexes; expected indexes on the tables below it"]
            ),
            (
                "view V {\n id Int\n b Int\n @@unique([id, b], map: \"v_key\")\n}",
                ["4:25: map of @@unique in a view, which has no constraints; expected @@unique without map"]
            ),
            (
                "view V {\n id Int @unique(map: \"v_key\")\n}",
                ["2:22: map of @unique in a view, which has no constraints; expected @unique without map"]
            ),
            ("view V {\n id Int @id\n b Int\n @@unique([id, b], name: \"both\")\n}", []),
        ])
    func keys(text: String, expected: [String]) {
        #expect(SchemaText.errors(text) == expected)
    }
}
