import Schema
import Testing
import Text

@Suite("Mistakes: all of them, each with its place") struct MistakeTests {
    @Test("a constraint name that PostgreSQL cannot hold")
    func longConstraintName() {
        let text = "model A {\n id Int @id(map: \"\(String(repeating: "x", count: 64))\")\n}"
        #expect(SchemaText.errors(text) == ["2:18: the constraint name of @id is too long; expected at most 63 bytes"])
    }

    @Test("what a broken URL may have spilled is not quoted")
    func brokenURL() {
        for url in ["\"postgresql://u:\"s3cret@h/d\"", "postgresql://u:s3cret@h/d", "\"postgresql://u:\ns3cret@h/d\"", "\"postgresql://u:\n  s3cret s3cret\""] {
            let errors = SchemaText.errors("datasource db {\n  provider = \"postgresql\"\n  url = \(url)\n}\nmodel A {\n  id Int @id\n}")
            #expect(!errors.isEmpty && !errors.joined().contains("s3cret"), "\(errors)")
        }
        #expect(SchemaText.errors("model A {\n  id Int @idd\n}").joined().contains("idd"))
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
            (
                "model A {\n id Int @id\n @@index([\n  id,\n  5\n ])\n x Strin\n}",
                [
                    "5:3: @@index: the number 5; expected the name of a field",
                    "7:4: unknown type \"Strin\"; expected a scalar type, an enum or a model; did you mean \"String\"?",
                ]
            ),
            (
                "model A {\n id Int @id @default(1 2) @uniqe\n}",
                [
                    "2:24: unexpected \"2\"; expected \",\" or \")\"",
                    "2:27: unknown attribute @uniqe; expected an attribute of a field: @id @unique @default @updatedAt @map @relation @ignore; did you mean \"@unique\"?",
                ]
            ),
            (
                "model A {\n id Int @default([1, @id\n x Strin\n}",
                [
                    "2:22: unexpected \"@\"; expected a value",
                    "3:4: unknown type \"Strin\"; expected a scalar type, an enum or a model; did you mean \"String\"?",
                ]
            ),
            (
                "model A {\n id String @default(\"x)\n y Strin\n}",
                [
                    "2:21: a string is not closed on its line; expected a value",
                    "3:4: unknown type \"Strin\"; expected a scalar type, an enum or a model; did you mean \"String\"?",
                ]
            ),
            (
                "model A {\n id Int @id\n @@index([id]\n x Strin\n}",
                [
                    "3:9: \"(\" is not closed; expected the bracket that closes it",
                    "4:4: unknown type \"Strin\"; expected a scalar type, an enum or a model; did you mean \"String\"?",
                ]
            ),
        ])
    func recovery(text: String, expected: [String]) {
        #expect(SchemaText.errors(text) == expected)
    }

    @Test("columns count characters, not bytes")
    func columns() {
        #expect(
            SchemaText.errors("model A {\n id Int @id\n x String @default(\"é😀\") @uniqe\n}").first?.hasPrefix(
                "3:26: unknown attribute") == true)
    }

    @Test("the failure is P6001, says how many mistakes there are and lists them")
    func failure() {
        #expect {
            try Schema.parse("model A {\n x Int\n y int\n}")
        } throws: { error in
            guard let failure = error as? Failure, case .texts(let errors)? = failure.meta.first?.value else {
                return false
            }
            return failure.status == .invalidConfiguration && failure.code == "P6001"
                && failure.meta.first?.key == "errors"
                && errors.count == 2
                && failure.message.hasPrefix("The schema cannot be used: 2 errors, the first at 1:7: the model")
        }
    }

    @Test("bytes that are no UTF-8 are refused where they stand")
    func invalidUTF8() {
        let bytes = Array("model A {\n id Int @id // ".utf8) + [0xC3, 0x28, 0x0A] + Array("}".utf8)
        #expect(
            SchemaText.diagnostics(bytes).map(\.description) == [
                "2:16: the text is not valid UTF-8 here; expected UTF-8"
            ])
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
