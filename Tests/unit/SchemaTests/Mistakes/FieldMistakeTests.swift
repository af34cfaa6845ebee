import Schema
import Testing

@Suite("Mistakes of fields and attributes") struct FieldMistakeTests {
    @Test(
        "one mistake in a field, one error",
        arguments: [
            ("model A {\n id Int @id\n x\n}", ["3:3: the line ends here; expected the type of the field \"x\""]),
            (
                "model A {\n id Int @id\n x: Int\n}",
                ["3:3: unexpected \":\"; expected the type of \"x\" right after its name"]
            ),
            ("model A {\n id Int @id\n x [Int]\n}", ["3:4: unexpected \"[\"; expected the type of the field \"x\""]),
            (
                "model A {\n id Int @id\n x Int!\n}",
                ["3:7: unexpected \"!\"; expected an attribute or the end of the line"]
            ),
            ("model A {\n id Int @id\n x Int[]?\n}", ["3:9: optional lists are not supported; expected Int[] or Int?"]),
            ("model A {\n id Int @id\n x Int?[]\n}", ["3:8: optional values in a list; expected Int[] or Int?"]),
            (
                "model A {\n id Int @id\n x int\n}",
                ["3:4: unknown type \"int\"; expected a scalar type, an enum or a model; did you mean \"Int\"?"]
            ),
            (
                "model A {\n id Int @id\n b Bees[]\n}\nmodel Bee {\n id Int @id\n as A[]\n}",
                ["3:4: unknown type \"Bees\"; expected a scalar type, an enum or a model; did you mean \"Bee\"?"]
            ),
            (
                "model A {\n id Int @id\n x Int\n x String\n}",
                ["4:2: the field \"x\" is in \"A\" already; expected another name"]
            ),
            (
                "model A {\n id Int @id\n x Int\n y Int @map(\"x\")\n}",
                ["4:2: the column \"x\" belongs to another field already; expected another name by @map"]
            ),
            (
                "model A {\n id Int @id\n a-b Int\n 1c Int\n}",
                [
                    "3:2: \"a-b\" cannot be the name of a field; expected a letter, then letters, digits or \"_\"",
                    "4:2: \"1c\" cannot be the name of a field; expected a letter, then letters, digits or \"_\"",
                ]
            ),
            ("model A {\n id Int @id\n → Int\n}", ["3:2: unexpected \"→\"; expected a field or a \"@@\" attribute"]),
            (
                "model A {\n id Int @id\n x Unsupported(5)\n}",
                ["3:4: Unsupported takes one text; expected as: Unsupported(\"circle\")"]
            ),
        ])
    func fields(text: String, expected: [String]) {
        #expect(SchemaText.errors(text) == expected)
    }

    @Test(
        "one mistake in an attribute, one error",
        arguments: [
            (
                "model A {\n id Int @id\n x Int @uniqe\n}",
                [
                    "3:8: unknown attribute @uniqe; expected an attribute of a field: @id @unique @default @updatedAt @map @relation @ignore; did you mean \"@unique\"?"
                ]
            ),
            (
                "model A {\n id Int @id\n @@indx([id])\n}",
                [
                    "3:2: unknown attribute @@indx; expected an attribute of a model: @@id @@unique @@index @@map @@schema @@ignore; did you mean \"@@index\"?"
                ]
            ),
            ("model A {\n id Int @id @id\n}", ["2:13: the attribute @id is given twice; expected it once"]),
            (
                "model A {\n id Int @id\n x String @updatedAt\n}",
                ["3:11: @updatedAt on String; expected a field of type DateTime"]
            ),
            (
                "model A {\n id Int @id\n x Int @map(\"\")\n}",
                ["3:13: @map: an empty string or one with U+0000; expected a name"]
            ),
            ("model A {\n id Int @id\n x Int @map\n}", ["3:8: @map has no argument; expected @map(\"…\")"]),
            ("model A {\n id Int @id\n x Int @map(5)\n}", ["3:13: @map: the number 5; expected a string"]),
            (
                "model A {\n id Int @id\n x Int @map(\"a\", \"b\")\n}",
                ["3:18: the argument \"name\" of @map is given twice; expected it once"]
            ),
            (
                "model A {\n id Int @id\n x Int @ignore(1)\n}",
                ["3:16: @ignore has an unexpected argument, the number 1; expected no argument"]
            ),
            (
                "model A {\n id Int @id\n x Int @ignore\n @@ignore\n}",
                ["3:8: @ignore in a model that is ignored as a whole; expected @@ignore alone"]
            ),
            ("model A {\n id Int @id\n x Int @\n}", ["3:9: the line ends here; expected the name of an attribute"]),
            ("model A {\n id Int @id\n x Int @db.\n}", ["3:12: the line ends here; expected a name after \"@db.\""]),
            (
                "model A {\n id Int @id @@map(\"x\")\n}",
                ["2:13: unexpected \"@@\"; expected an attribute or the end of the line"]
            ),
            ("model A {\n id Int @id\n @@map(\"x\") 5\n}", ["3:13: unexpected \"5\"; expected the end of the line"]),
        ])
    func attributes(text: String, expected: [String]) {
        #expect(SchemaText.errors(text) == expected)
    }
}
