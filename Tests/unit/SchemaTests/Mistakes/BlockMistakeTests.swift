import Schema
import Testing

@Suite("Mistakes of blocks and enums") struct BlockMistakeTests {
    @Test(
        "one mistake in a block, one error",
        arguments: [
            (
                "modle A {\n id Int @id\n}",
                [
                    "1:1: unknown block \"modle\"; expected a block: model, view, enum, type, datasource, generator; did you mean \"model\"?"
                ]
            ),
            (
                "table A {\n id Int @id\n}\nmodel B {\n id Int @id\n a A?\n}",
                ["1:1: unknown block \"table\"; expected a block: model, view, enum, type, datasource, generator"]
            ),
            ("model {\n id Int @id\n}", ["1:7: unexpected \"{\"; expected the name of the model"]),
            ("model A B {\n id Int @id\n}", ["1:9: unexpected \"B\"; expected \"{\" after the name of the model"]),
            ("model A\n{\n id Int @id\n}", ["1:8: the line ends here; expected \"{\" after the name of the model"]),
            (
                "model A\nmodel B {\n id int @id\n}",
                [
                    "1:8: the line ends here; expected \"{\" after the name of the model",
                    "3:5: unknown type \"int\"; expected a scalar type, an enum or a model; did you mean \"Int\"?",
                ]
            ),
            (
                "type Address {\n street String\n}\nmodel A {\n id Int @id\n a Address\n}",
                [
                    "1:6: composite type \"Address\": PostgreSQL has none in Prisma's schema language; expected a model, or a field of type Json"
                ]
            ),
            ("model A {\n id Int @id", ["1:9: the block is never closed; expected \"}\" after the model"]),
            (
                "model A {\n id Int @id\nmodel B {\n id Int @id\n}",
                ["3:1: \"model\" within a block; expected \"}\" at the end of the model before it"]
            ),
            (
                "model A {\n id Int @id\n}\n}",
                ["4:1: unexpected \"}\"; expected a block: model, view, enum, type, datasource, generator"]
            ),
            (
                "model A {\n id Int @id\n}\nmodel A {\n id Int @id\n}",
                ["4:7: \"A\" is defined already; expected another name for the model"]
            ),
            (
                "model A {\n id Int @id\n}\nenum A {\n X\n}",
                ["1:7: \"A\" is defined already; expected another name for the model"]
            ),
            (
                "model String {\n id Int @id\n}",
                ["1:7: \"String\" is the name of a scalar type; expected another name for the model"]
            ),
            (
                "model return {\n id Int @id\n}",
                ["1:7: \"return\" is a reserved name; expected another name for the model"]
            ),
            (
                "model _A {\n id Int @id\n}",
                ["1:7: \"_A\" cannot be the name of a model; expected a letter, then letters, digits or \"_\""]
            ),
            (
                "model A {\n id Int @id\n}\nmodel B {\n id Int @id\n @@map(\"A\")\n}",
                ["4:7: the table \"A\" belongs to \"A\" already; expected another name by @@map"]
            ),
            (
                "/* open\nmodel A {\n id Int @id\n}",
                ["1:1: a comment is never closed; expected a block: model, view, enum, type, datasource, generator"]
            ),
        ])
    func blocks(text: String, expected: [String]) {
        #expect(SchemaText.errors(text) == expected)
    }

    @Test(
        "one mistake in an enum, one error",
        arguments: [
            ("enum E {\n}", ["1:6: the enum \"E\" has no values; expected at least one value"]),
            ("enum E {\n A\n A\n}", ["3:2: the value \"A\" is in the enum already; expected another name"]),
            ("enum E {\n A\n B @map(\"A\")\n}", ["3:2: the value \"A\" is in the enum already; expected another name"]),
            (
                "enum E {\n A @unique\n}",
                ["2:4: unknown attribute @unique; expected an attribute of an enum value: @map"]
            ),
            (
                "enum E {\n A\n @@index([A])\n}",
                ["3:2: unknown attribute @@index; expected an attribute of an enum: @@map @@schema"]
            ),
            (
                "enum E {\n A\n}\nenum F {\n A\n @@map(\"E\")\n}",
                ["4:6: the type \"E\" belongs to the enum \"E\" already; expected another name by @@map"]
            ),
            (
                "enum E {\n A-B\n}",
                ["2:2: \"A-B\" cannot be the name of an enum value; expected a letter, then letters, digits or \"_\""]
            ),
        ])
    func enums(text: String, expected: [String]) {
        #expect(SchemaText.errors(text) == expected)
    }
}
