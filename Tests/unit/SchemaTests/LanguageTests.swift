import Schema
import Testing

/// Schemas that Prisma takes, and schemas that it refuses, one rule each.
@Suite("What Prisma accepts and refuses") struct LanguageTests {
    private static func errors(_ text: String) -> [String] { SchemaText.errors(text) }

    @Test(
        "accepted",
        arguments: [
            // Names of indexes.
            "model A {\n id Int @id\n a Int\n @@index([a], name: \"one\")\n @@index([a], map: \"two\")\n}",
            "model A {\n id Int @id\n a Int\n @@index([a], name: \"one\")\n @@index([a])\n}",
            "model A {\n id Int @id\n a Int\n @@index([a], name: \"an index, however called\")\n}",
            "model A {\n id Int @id\n a Int\n b Int\n @@unique([a, b], name: \"k\")\n}\nmodel B {\n id Int @id\n a Int\n b Int\n @@unique([a, b], name: \"k\")\n}",
            "model A {\n a Int\n b Int\n @@id([a, b], name: \"k\", map: \"m\")\n @@unique([b, a], name: \"l\")\n}",
            // Names of any alphabet.
            "model Lööp {\n größe Int @id\n}", "model Ω {\n λ Int @id\n 名前 String\n имя String?\n}", "enum Städte {\n Köln\n Łódź\n}",
            "model A {\n a1_B Int @id\n x² Int\n}", "model Lööp {\n größe Int @id\n b Int\n @@unique([größe, b])\n}",
            // Tables without a key, as pulled.
            "model A {\n id Int? @id\n @@ignore\n}", "model A {\n a Int?\n b Int\n @@id([a, b])\n @@ignore\n}", "model A {\n a Int?\n @@ignore\n}",
            "model A {\n a Unsupported(\"circle\") @id\n @@ignore\n}", "model A {\n a Int? @unique\n @@ignore\n}",
            // Extensions.
            "datasource db {\n provider = \"postgresql\"\n extensions = postgis\n}",
            "datasource db {\n provider = \"postgresql\"\n extensions = [citext, postgis(version: \"3.4\", schema: \"gis\", map: \"post-gis\")]\n}",
            "datasource db {\n provider = \"postgresql\"\n extensions = []\n}",
            "datasource db {\n provider = \"postgresql\"\n extensions = uuid_ossp(map: \"uuid-ossp\")\n}",
            // Labels.
            "enum E {\n NONE @map(\"\")\n B\n}", "enum E {\n A @map(\"a-b\")\n @@map(\"e-e\")\n}",
            // Unique criteria.
            "model A {\n a Int? @unique\n b Int @unique\n}", "model A {\n a Int?\n b Int\n c Int\n @@unique([a, b])\n @@unique([b, c])\n}",
            "view V {\n a Int?\n}",
            // Relation mode.
            "datasource db {\n provider = \"postgresql\"\n relationMode = \"prisma\"\n}\nmodel A {\n id Int @id\n bs B[]\n}\nmodel B {\n id Int @id\n aId Int?\n a A? @relation(fields: [aId], references: [id], onDelete: SetNull, onUpdate: SetNull)\n}",
            "model A {\n id Int @id\n bs B[]\n}\nmodel B {\n id Int @id\n aId Int\n a A @relation(fields: [aId], references: [id], onDelete: SetNull)\n}",
            // Unsupported types.
            "model A {\n id Int @id\n a Unsupported(\"tsvector\")\n b Unsupported(\"geometry(Point, 4326)\")?\n c Unsupported(\"text\")[]\n}",
            "model A {\n id Int @id\n a Unsupported(\"VarChar(x)\")\n b Unsupported(\"Decimal(3)\")\n}",
            // Several relations over one field, their foreign keys named apart.
            "model A {\n id Int @id\n x B[] @relation(\"x\")\n y B[] @relation(\"y\")\n}\nmodel B {\n id Int @id\n aId Int\n x A @relation(\"x\", fields: [aId], references: [id], map: \"one\")\n y A @relation(\"y\", fields: [aId], references: [id], map: \"two\")\n}",
            // A relation named as it would be called anyway.
            "model A {\n id Int @id\n bs B[] @relation(\"AToB\")\n}\nmodel B {\n id Int @id\n as A[] @relation(\"AToB\")\n}",
            // Functions' arguments, with and without their names.
            "model A {\n id String @id @default(uuid(7))\n b String @default(dbgenerated(value: \"x()\"))\n c String @default(nanoid(10))\n}",
            "model A {\n id Int @id\n d Decimal @default(\"1e3\")\n e Decimal @default(2.5)\n f Decimal @db.Decimal\n g Decimal @db.Decimal(10, 0)\n}",
            // Generators of several versions.
            "generator a {\n provider = \"prisma-client\"\n output = \"../gen\"\n}\ngenerator b {\n provider = \"prisma-client-js\"\n previewFeatures = [\"views\", \"multiSchema\"]\n}",
            "datasource db {\n provider = \"postgresql\"\n}\ngenerator db {\n provider = \"prisma-client\"\n}",
        ])
    func accepted(text: String) {
        #expect(Self.errors(text) == [])
    }

    @Test(
        "refused, and why",
        arguments: [
            ("@@index([a], name: \"x\", map: \"y\")", "beside map, which means the same"),
            ("@@index([a], name: \"x\")\n @@index([id, a], map: \"x\")", "the constraint name \"x\" is in use"),
            ("@@unique([a, id], name: \"k\")\n @@unique([id, a], name: \"k\")", "a second key named \"k\""),
            ("@@unique([a, id], name: \"k\")\n @@unique([a, id], name: \"k\", map: \"m\")", "a second key named \"k\""),
            ("@@fulltext([a])", "@@fulltext, which PostgreSQL has not"),
            ("s BigInt @default(sequence())", "sequence(), which is CockroachDB's"),
            ("u Unsupported(\"Text\")", "PostgreSQL's type is no unsupported one"), ("u Unsupported(\"VarChar( 3 )\")", "no unsupported one"),
            ("u Unsupported(\"Decimal(3,2)\")", "no unsupported one"), ("u Unsupported(\"Uuid\")[]", "no unsupported one"),
            ("u Unsupported(\"circle\") @ignore", "@ignore on a field of type Unsupported"),
            ("@@index([a,])", "a comma before \"]\""), ("@@index([a], map: \"x\",)", "a comma before \")\""), ("u Int @default(1,)", "a comma before \")\""),
            ("u String @default(uuid(4,))", "a comma before \")\""), ("u String[] @default([\"x\",])", "a comma before \"]\""),
            ("u String @db.VarChar(3,)", "a comma before \")\""),
            ("f Float @default(\"1.5\")", "as the default of a field of type Float"),
            ("@@unique([a], map: \"A_pkey\")", "the constraint name \"A_pkey\" is in use"),
            ("²a Int", "cannot be the name of a field"), ("a→b Int", "unexpected"), ("9a Int", "cannot be the name of a field"),
            ("٣a Int", "cannot be the name of a field"),
            ("ä-b Int", "cannot be the name of a field"), ("_x Int", "cannot be the name of a field"),
        ])
    func refused(line: String, reason: String) {
        let errors = Self.errors("model A {\n id Int @id\n a Int\n \(line)\n}")
        #expect(errors.count >= 1 && errors.joined().contains(reason), "\(line): \(errors)")
    }

    @Test(
        "refused as a whole, and why",
        arguments: [
            ("model A {\n a Int? @unique\n}", "has nothing that identifies a record"),
            ("model A {\n a Int?\n b Int\n @@unique([a, b])\n}", "has nothing that identifies a record"),
            ("model A {\n a Unsupported(\"circle\") @id\n}", "has nothing that identifies a record"),
            ("model A {\n a Unsupported(\"circle\")\n b Int\n @@id([a, b])\n}", "has nothing that identifies a record"),
            ("model A {\n a Unsupported(\"circle\") @unique\n}", "has nothing that identifies a record"),
            ("model A {\n a Int\n b Int\n @@id([a, b], name: \"k\")\n @@unique([b, a], name: \"k\")\n}", "a second key named \"k\""),
            ("model A {\n a Int? @id\n}", "expected a required field"),
            ("generator a {\n provider = \"x\"\n}\ngenerator a {\n provider = \"y\"\n}", "a second generator named \"a\""),
            ("datasource db {\n provider = \"postgresql\"\n relationMode = \"prisma\"\n referentialIntegrity = \"prisma\"\n}", "its old name"),
            ("datasource db {\n provider = \"postgresql\"\n previewFeatures = [\"x\"]\n}", "no property \"previewFeatures\""),
        ])
    func refusedWhole(text: String, reason: String) {
        let errors = Self.errors(text)
        #expect(errors.count == 1 && errors.joined().contains(reason), "\(errors)")
    }

    @Test(
        "what stands in `extensions`",
        arguments: [
            ("[1]", "extensions: the number 1"), ("[\"citext\"]", "extensions: a string"), ("\"citext\"", "extensions: a string"),
            ("[postgis(versio: \"1\")]", "has no argument \"versio\""), ("[postgis(version: \"1\", version: \"2\")]", "is given twice"),
            ("[postgis(version: 3)]", "version of the extension \"postgis\": the number 3"), ("[postgis(\"3\")]", "unexpected argument"),
            ("[postgis(schema: gis)]", "schema of the extension"), ("[uuid-ossp]", "cannot be the name of an extension"),
            ("[3dtiles]", "cannot be the name of an extension"), ("[[citext]]", "extensions: a list"), ("[citext,]", "a comma before"),
        ])
    func extensions(value: String, reason: String) {
        let errors = Self.errors("datasource db {\n provider = \"postgresql\"\n extensions = \(value)\n}")
        #expect(errors.count == 1 && errors.joined().contains(reason), "\(errors)")
    }

    @Test(
        "names of constraints on one table",
        arguments: [
            // Two foreign keys over one column.
            ("x A @relation(\"x\", fields: [aId], references: [id])\n y A @relation(\"y\", fields: [aId], references: [id])", "B_aId_fkey"),
            // A key and a foreign key.
            ("x A @relation(\"x\", fields: [aId], references: [id], map: \"B_pkey\")\n y A? @relation(\"y\", fields: [bId], references: [id])", "B_pkey"),
            (
                "x A @relation(\"x\", fields: [aId], references: [id])\n y A? @relation(\"y\", fields: [bId], references: [id])\n @@index([aId], map: \"B_aId_fkey\")",
                "B_aId_fkey"
            ),
        ])
    func constraintNames(lines: String, name: String) {
        let text = "model A {\n id Int @id\n xs B[] @relation(\"x\")\n ys B[] @relation(\"y\")\n}\nmodel B {\n id Int @id\n aId Int\n bId Int?\n \(lines)\n}"
        let errors = Self.errors(text)
        #expect(errors.count == 1 && errors.joined().contains("the constraint name \"\(name)\" is in use in \"B\" already"), "\(errors)")
    }

    @Test("names that are equal once they are cut to what PostgreSQL holds")
    func cutNames() {
        let long = String(repeating: "x", count: 60)
        let text = "model A {\n id Int @id\n \(long)1 Int\n \(long)2 Int\n @@index([\(long)1])\n @@index([\(long)2])\n}"
        #expect(Self.errors(text).joined().contains("is in use in \"A\" already"))
        #expect(Self.errors(text.replacing("\(long)2])", with: "\(long)2], map: \"other\")")) == [])
        // A scalar is not cut in two: there is room for 57 bytes of letters that have two each.
        let wide = String(repeating: "ü", count: 40)
        let schema = try? Schema.parse("model A {\n id Int @id\n \(wide) Int @unique\n}")
        #expect(schema?.models[0].indexes[1].constraintName == "A_" + String(repeating: "ü", count: 28) + "_key")
    }

    @Test("a relation without a name beside one that is named as it would be called")
    func madeNames() {
        let text = """
            model A {
              id Int @id
              x B[]
              y B[] @relation("AToB")
            }
            model B {
              id Int @id
              aId Int
              bId Int
              x A @relation(fields: [aId], references: [id])
              y A @relation("AToB", fields: [bId], references: [id])
            }
            """
        #expect(Self.errors(text).joined().contains("has the name \"AToB\""))
        #expect(Self.errors(text.replacing("\"AToB\"", with: "\"BToA\"")) == [])
    }

    @Test(
        "a many-to-many relation says neither fields nor references",
        arguments: ["references: [id]", "fields: [id]", "fields: [id], references: [id]", "onDelete: Cascade"])
    func manyToMany(arguments: String) {
        let errors = Self.errors("model A {\n id Int @id\n bs B[] @relation(\(arguments))\n}\nmodel B {\n id Int @id\n as A[]\n}")
        #expect(errors.count == 1 && errors.joined().contains("has fields, references or actions"), "\(errors)")
    }

    @Test("SetNull needs columns that may be null where this library carries it out", arguments: ["onDelete", "onUpdate"])
    func setNull(event: String) {
        func text(_ mode: String, _ fields: String, _ references: String) -> String {
            """
            datasource db {
              provider = "postgresql"
              relationMode = "\(mode)"
            }
            model A {
              id Int
              tenant Int
              bs B[]
              @@id([id, tenant])
              @@unique([id], map: "u")
            }
            model B {
              id Int @id
              aId Int
              aTenant Int?
              a A? @relation(fields: [\(fields)], references: [\(references)], \(event): SetNull)
            }
            """
        }
        #expect(Self.errors(text("prisma", "aId", "id")).joined().contains("SetNull over aId, which may not be null"))
        #expect(Self.errors(text("prisma", "aId, aTenant", "id, tenant")).joined().contains("SetNull over aId, which may not be null"))
        #expect(Self.errors(text("foreignKeys", "aId", "id")) == [])
    }

    @Test("names are compared by their bytes: two spellings of one character are two names")
    func bytes() throws {
        let (composed, decomposed) = ("caf\u{E9}", "cafe\u{301}")
        let schema = try SchemaText.parse(
            """
            model Menu {
              id Int @id
              a String @map("\(composed)")
              b String @map("\(decomposed)")
              @@map("\(composed)")
            }
            model Other {
              id Int @id
              \u{AC00} Int
              \u{1100}\u{1161} Int
              e E
              @@unique([id, \u{AC00}], name: "x")
              @@index([id], map: "\(composed)")
              @@map("\(decomposed)")
            }
            enum E {
              A @map("\(composed)")
              B @map("\(decomposed)")
              @@map("\(decomposed)!")
            }
            enum F {
              A
              @@map("\(composed)!")
            }
            """)
        let other = try #require(schema.model(named: "Other"))
        #expect(other.position(ofField: "\u{AC00}") == 1 && other.position(ofField: "\u{1100}\u{1161}") == 2)
        // The Kelvin sign is no K to anybody but Swift's String.
        #expect(try Schema.parse("model K {\n id Int @id\n}").model(named: "\u{212A}") == nil)
        let taken = "model A {\n id Int @id\n a Int @map(\"\(composed)\")\n b Int @map(\"\(composed)\")\n}"
        #expect(Self.errors(taken).joined().contains("belongs to another field already"))
    }
}
