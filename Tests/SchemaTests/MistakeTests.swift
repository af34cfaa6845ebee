import Schema
import Testing
import Text

@Suite("Mistakes: all of them, each with its place") struct MistakeTests {
    @Test(
        "one mistake, one error",
        arguments: [
            // Blocks.
            ("modle A {\n id Int @id\n}", ["1:1: unknown block \"modle\"; expected a block: model, view, enum, type, datasource, generator; did you mean \"model\"?"]),
            ("table A {\n id Int @id\n}\nmodel B {\n id Int @id\n a A?\n}", ["1:1: unknown block \"table\"; expected a block: model, view, enum, type, datasource, generator"]),
            ("model {\n id Int @id\n}", ["1:7: unexpected \"{\"; expected the name of the model"]),
            ("model A B {\n id Int @id\n}", ["1:9: unexpected \"B\"; expected \"{\" after the name of the model"]),
            ("model A\n{\n id Int @id\n}", ["1:8: the line ends here; expected \"{\" after the name of the model"]),
            ("model A\nmodel B {\n id int @id\n}", ["1:8: the line ends here; expected \"{\" after the name of the model", "3:5: unknown type \"int\"; expected a scalar type, an enum or a model; did you mean \"Int\"?"]),
            ("type Address {\n street String\n}\nmodel A {\n id Int @id\n a Address\n}", ["1:6: composite type \"Address\": PostgreSQL has none in Prisma's schema language; expected a model, or a field of type Json"]),
            ("model A {\n id Int @id", ["1:9: the block is never closed; expected \"}\" after the model"]),
            ("model A {\n id Int @id\nmodel B {\n id Int @id\n}", ["3:1: \"model\" within a block; expected \"}\" at the end of the model before it"]),
            ("model A {\n id Int @id\n}\n}", ["4:1: unexpected \"}\"; expected a block: model, view, enum, type, datasource, generator"]),
            ("model A {\n id Int @id\n}\nmodel A {\n id Int @id\n}", ["4:7: \"A\" is defined already; expected another name for the model"]),
            ("model A {\n id Int @id\n}\nenum A {\n X\n}", ["1:7: \"A\" is defined already; expected another name for the model"]),
            ("model String {\n id Int @id\n}", ["1:7: \"String\" is the name of a scalar type; expected another name for the model"]),
            ("model return {\n id Int @id\n}", ["1:7: \"return\" is a reserved name; expected another name for the model"]),
            ("model _A {\n id Int @id\n}", ["1:7: \"_A\" cannot be the name of a model; expected a letter, then letters, digits or \"_\""]),
            ("model A {\n id Int @id\n}\nmodel B {\n id Int @id\n @@map(\"A\")\n}", ["4:7: the table \"A\" belongs to \"A\" already; expected another name by @@map"]),
            ("/* open\nmodel A {\n id Int @id\n}", ["1:1: a comment is never closed; expected a block: model, view, enum, type, datasource, generator"]),
            // Fields.
            ("model A {\n id Int @id\n x\n}", ["3:3: the line ends here; expected the type of the field \"x\""]),
            ("model A {\n id Int @id\n x: Int\n}", ["3:3: unexpected \":\"; expected the type of \"x\" right after its name"]),
            ("model A {\n id Int @id\n x [Int]\n}", ["3:4: unexpected \"[\"; expected the type of the field \"x\""]),
            ("model A {\n id Int @id\n x Int!\n}", ["3:7: unexpected \"!\"; expected an attribute or the end of the line"]),
            ("model A {\n id Int @id\n x Int[]?\n}", ["3:9: optional lists are not supported; expected Int[] or Int?"]),
            ("model A {\n id Int @id\n x Int?[]\n}", ["3:8: optional values in a list; expected Int[] or Int?"]),
            ("model A {\n id Int @id\n x int\n}", ["3:4: unknown type \"int\"; expected a scalar type, an enum or a model; did you mean \"Int\"?"]),
            ("model A {\n id Int @id\n b Bees[]\n}\nmodel Bee {\n id Int @id\n as A[]\n}", ["3:4: unknown type \"Bees\"; expected a scalar type, an enum or a model; did you mean \"Bee\"?"]),
            ("model A {\n id Int @id\n x Int\n x String\n}", ["4:2: the field \"x\" is in \"A\" already; expected another name"]),
            ("model A {\n id Int @id\n x Int\n y Int @map(\"x\")\n}", ["4:2: the column \"x\" belongs to another field already; expected another name by @map"]),
            ("model A {\n id Int @id\n a-b Int\n 1c Int\n}", ["3:2: \"a-b\" cannot be the name of a field; expected a letter, then letters, digits or \"_\"", "4:2: \"1c\" cannot be the name of a field; expected a letter, then letters, digits or \"_\""]),
            ("model A {\n id Int @id\n ñ Int\n}", ["3:2: unexpected \"ñ\"; expected a field or a \"@@\" attribute"]),
            ("model A {\n id Int @id\n x Unsupported(5)\n}", ["3:4: Unsupported takes one text; expected as: Unsupported(\"circle\")"]),
            // Attributes.
            ("model A {\n id Int @id\n x Int @uniqe\n}", ["3:8: unknown attribute @uniqe; expected an attribute of a field: @id @unique @default @updatedAt @map @relation @ignore; did you mean \"@unique\"?"]),
            ("model A {\n id Int @id\n @@indx([id])\n}", ["3:2: unknown attribute @@indx; expected an attribute of a model: @@id @@unique @@index @@fulltext @@map @@schema @@ignore; did you mean \"@@index\"?"]),
            ("model A {\n id Int @id @id\n}", ["2:13: the attribute @id is given twice; expected it once"]),
            ("model A {\n id Int @id\n x String @updatedAt\n}", ["3:11: @updatedAt on String; expected a field of type DateTime"]),
            ("model A {\n id Int @id\n x Int @map(\"\")\n}", ["3:13: @map: an empty string or one with U+0000; expected a name"]),
            ("model A {\n id Int @id\n x Int @map\n}", ["3:8: @map has no argument; expected @map(\"…\")"]),
            ("model A {\n id Int @id\n x Int @map(5)\n}", ["3:13: @map: the number 5; expected a string"]),
            ("model A {\n id Int @id\n x Int @map(\"a\", \"b\")\n}", ["3:18: the argument \"name\" of @map is given twice; expected it once"]),
            ("model A {\n id Int @id\n x Int @ignore(1)\n}", ["3:16: @ignore has an unexpected argument, the number 1; expected no argument"]),
            ("model A {\n id Int @id\n x Int @ignore\n @@ignore\n}", ["3:8: @ignore in a model that is ignored as a whole; expected @@ignore alone"]),
            ("model A {\n id Int @id\n x Int @\n}", ["3:9: the line ends here; expected the name of an attribute"]),
            ("model A {\n id Int @id\n x Int @db.\n}", ["3:12: the line ends here; expected a name after \"@db.\""]),
            ("model A {\n id Int @id @@map(\"x\")\n}", ["2:13: unexpected \"@@\"; expected an attribute or the end of the line"]),
            ("model A {\n id Int @id\n @@map(\"x\") 5\n}", ["3:13: unexpected \"5\"; expected the end of the line"]),
            // Keys.
            ("model A {\n x Int\n}", ["1:7: the model \"A\" has nothing that identifies a record; expected @id or @unique on a required field, or @@id or @@unique over required fields"]),
            ("model A {\n x Int? @unique\n}", ["1:7: the model \"A\" has nothing that identifies a record; expected @id or @unique on a required field, or @@id or @@unique over required fields"]),
            ("model A {\n x Int? @id\n}", ["2:9: the identifier uses \"x\" of type Int?; expected a required field"]),
            ("model A {\n x Int @id\n y Int\n @@id([x, y])\n}", ["4:2: a second identifier of \"A\"; expected one @id, or one @@id over several fields"]),
            ("model A {\n id Int @id\n @@unique([])\n}", ["3:11: the list of fields of @@unique is empty; expected at least one field"]),
            ("model A {\n id Int @id\n @@unique\n}", ["3:2: @@unique without fields; expected @@unique([…])"]),
            ("model A {\n id Int @id\n @@unique([ID])\n}", ["3:12: @@unique: \"A\" has no field \"ID\"; expected a scalar field of \"A\"; did you mean \"id\"?"]),
            ("model A {\n id Int @id\n @@index([id, id])\n}", ["3:15: @@index: the field \"id\" is named twice; expected it once"]),
            ("model A {\n id Int @id\n b Int\n @@unique([id, b], name: \"b\")\n}", ["4:26: the name \"b\" of @@unique is a field's name; expected another name"]),
            ("model A {\n a Int\n b Int\n a_b Int @id\n @@unique([a, b])\n}", ["5:2: the key is called \"a_b\", as a field is; expected another name by name:"]),
            ("model A {\n id Int @id\n b Int\n @@unique([id, b], name: \"x\", map: \"m\")\n @@unique([b, id], name: \"x\")\n}", ["5:2: a second key named \"x\"; expected another name by name:"]),
            ("model A {\n id Int @id\n @@index([id])\n @@index([id])\n}", ["4:2: the constraint name \"A_id_idx\" is in use in \"A\" already; expected another name by map:"]),
            ("model A {\n id Int @id\n @@index([id], type: Btree)\n}", ["3:22: unknown index type \"Btree\"; expected one of: BTree, Hash, Gist, Gin, SpGist, Brin; did you mean \"BTree\"?"]),
            ("model A {\n id Int @id\n @@index([id(sort: desc, length: 5)])\n}", ["3:20: sort: \"desc\"; expected Asc or Desc", "3:34: length in @@index; expected none: PostgreSQL indexes whole values"]),
            ("model A {\n id Int @id\n @@unique([id(ops: X)])\n}", ["3:20: ops in @@unique; expected it in @@index only"]),
            ("model A {\n id Int @id(sort: Desc)\n}", ["2:19: sort in @id; expected none: PostgreSQL sorts unique keys and indexes only"]),
            ("model A {\n id Int @id\n @@unique([id], where: 5)\n}", ["3:24: where of @@unique: the number 5; expected raw(\"…\") or { field: value }"]),
            // Enums.
            ("enum E {\n}", ["1:6: the enum \"E\" has no values; expected at least one value"]),
            ("enum E {\n A\n A\n}", ["3:2: the value \"A\" is in the enum already; expected another name"]),
            ("enum E {\n A\n B @map(\"A\")\n}", ["3:2: the value \"A\" is in the enum already; expected another name"]),
            ("enum E {\n A @unique\n}", ["2:4: unknown attribute @unique; expected an attribute of an enum value: @map"]),
            ("enum E {\n A\n @@index([A])\n}", ["3:2: unknown attribute @@index; expected an attribute of an enum: @@map @@schema"]),
            ("enum E {\n A\n}\nenum F {\n A\n @@map(\"E\")\n}", ["4:6: the type \"E\" belongs to the enum \"E\" already; expected another name by @@map"]),
            ("enum E {\n A-B\n}", ["2:2: \"A-B\" cannot be the name of an enum value; expected a letter, then letters, digits or \"_\""]),
        ])
    func oneMistake(text: String, expected: [String]) {
        #expect(SchemaText.errors(text) == expected)
    }

    @Test("a constraint name that PostgreSQL cannot hold")
    func longConstraintName() {
        let text = "model A {\n id Int @id(map: \"\(String(repeating: "x", count: 64))\")\n}"
        #expect(SchemaText.errors(text) == ["2:18: the constraint name of @id is too long; expected at most 63 bytes"])
    }

    @Test("all mistakes are found, in the order of the text, and none hides or causes another")
    func allMistakes() {
        let text = """
            datasource db {
              provider = "postgresql"
              colour = "red"
            }
            model User {
              id Int @id @default(autoincrement(
              email Strin @unique
              posts Post[]
              role Role @default(ADMNI)
              broken line here
            }
            model Post {
              id Int @idd
              userId Int
              user User @relation(fields: [userId] references: [id])
              title String @db.VarChar(-1)
              @@index([titel])
            }
            enum Role {
              ADMIN
              ?
            }
            """
        #expect(
            SchemaText.errors(text) == [
                "3:3: a datasource has no property \"colour\"; expected one of: provider, url, directUrl, shadowDatabaseUrl, relationMode, referentialIntegrity, schemas, extensions",
                "6:36: \"(\" is not closed; expected the bracket that closes it",
                "7:9: unknown type \"Strin\"; expected a scalar type, an enum or a model; did you mean \"String\"?",
                "10:15: unexpected \"here\"; expected an attribute or the end of the line",
                "13:10: unknown attribute @idd; expected an attribute of a field: @id @unique @default @updatedAt @map @relation @ignore; did you mean \"@id\"?",
                "15:40: unexpected \"references\"; expected \",\" or \")\"",
                "16:28: @db.VarChar: the number -1; expected a number from 1 to 10485760",
                "21:3: unexpected \"?\"; expected a value of the enum or a \"@@\" attribute",
            ])
    }

    @Test(
        "what stands after a bracket with a mistake in it is read",
        arguments: [
            ("model A {\n id Int @id\n @@index([\n  id,\n  5\n ])\n x Strin\n}", ["5:3: @@index: the number 5; expected the name of a field", "7:4: unknown type \"Strin\"; expected a scalar type, an enum or a model; did you mean \"String\"?"]),
            ("model A {\n id Int @id @default(1 2) @uniqe\n}", ["2:24: unexpected \"2\"; expected \",\" or \")\"", "2:27: unknown attribute @uniqe; expected an attribute of a field: @id @unique @default @updatedAt @map @relation @ignore; did you mean \"@unique\"?"]),
            ("model A {\n id Int @default([1, @id\n x Strin\n}", ["2:22: unexpected \"@\"; expected a value", "3:4: unknown type \"Strin\"; expected a scalar type, an enum or a model; did you mean \"String\"?"]),
            ("model A {\n id String @default(\"x)\n y Strin\n}", ["2:21: a string is not closed on its line; expected a value", "3:4: unknown type \"Strin\"; expected a scalar type, an enum or a model; did you mean \"String\"?"]),
            ("model A {\n id Int @id\n @@index([id]\n x Strin\n}", ["3:9: \"(\" is not closed; expected the bracket that closes it", "4:4: unknown type \"Strin\"; expected a scalar type, an enum or a model; did you mean \"String\"?"]),
        ])
    func recovery(text: String, expected: [String]) {
        #expect(SchemaText.errors(text) == expected)
    }

    @Test("columns count characters, not bytes")
    func columns() {
        #expect(SchemaText.errors("model A {\n id Int @id\n x String @default(\"é😀\") @uniqe\n}").first?.hasPrefix("3:26: unknown attribute") == true)
    }

    @Test("the failure is P6001, says how many mistakes there are and lists them")
    func failure() {
        #expect {
            try Schema.parse("model A {\n x Int\n y int\n}")
        } throws: { error in
            guard let failure = error as? Failure, case .texts(let errors)? = failure.meta.first?.value else { return false }
            return failure.status == .invalidConfiguration && failure.code == "P6001" && failure.meta.first?.key == "errors"
                && errors.count == 2 && failure.message.hasPrefix("The schema cannot be used: 2 errors, the first at 1:7: the model")
        }
    }

    @Test("bytes that are no UTF-8 are refused where they stand")
    func invalidUTF8() {
        let bytes = Array("model A {\n id Int @id // ".utf8) + [0xC3, 0x28, 0x0A] + Array("}".utf8)
        #expect(SchemaText.diagnostics(bytes).map(\.description) == ["2:16: the text is not valid UTF-8 here; expected UTF-8"])
    }

    @Test("limits: size, nesting, number of errors")
    func limits() {
        let large = [UInt8](repeating: 0x20, count: SchemaLimit.textBytes + 1)
        #expect(SchemaText.diagnostics(large).map(\.message) == ["the text has \(large.count) bytes"])
        let deep = "model A {\n id Int @id @default(\(String(repeating: "[", count: 100_000))\n}"
        #expect(SchemaText.errors(deep) == ["2:38: brackets nested deeper than 16"])
        let many = String(repeating: "?\n", count: 5000)
        #expect(SchemaText.errors(many).count == SchemaLimit.diagnostics)
        #expect(throws: Failure.self) { try Schema.parse(many) }
    }
}
