import Schema
import Testing

@testable import Catalog

/// What a pull keeps of a present schema, whatever its layout.
struct PullTests {
    private static let text = """
        // the program
        generator client {
          provider = "prisma-client-js"
        }

        datasource db {
          provider = "postgresql"
          url      = "postgresql://localhost/app"
        }

        /// People
        model Person {
          id   Int    @id
          // a note
          name String @map("full_name") // in full

          @@map("people")
        }

        """

    private func pull(_ present: String, of database: String? = nil, schemas: [String] = []) throws -> String {
        var structure = Database(wantedBy: try Schema.parse(database ?? present, keepsIgnored: true), defaultSchema: "public")
        if !schemas.isEmpty { structure.schemas = schemas }
        return SchemaPull.text(of: structure, present: (try Schema.parse(present, keepsIgnored: true), present), namesSchemas: !schemas.isEmpty).schema
    }

    @Test func `a text stays as it is`() throws {
        #expect(try pull(Self.text) == Self.text)
    }

    @Test func `lines may end as on Windows, and a byte order mark may stand in front`() throws {
        let text = Self.text.replacing("\n", with: "\r\n")
        #expect(try pull(text) == Self.text)
        #expect(try pull("\u{FEFF}" + text) == Self.text)
        #expect(try pull("\u{FEFF}" + Self.text.replacing("// the program\n", with: "")) == Self.text.replacing("// the program\n", with: ""))
    }

    @Test func `blocks may begin with tabs`() throws {
        let text = Self.text.replacing("generator client", with: "generator\tclient").replacing("datasource db", with: "datasource\tdb")
        #expect(try pull(text.replacing("model Person", with: "model\tPerson")) == text)
    }

    @Test func `what stands in a block comment is no part of the schema`() throws {
        func text(_ comment: String) -> String { Self.text.replacing("/// People\n", with: comment) }
        #expect(
            try pull(text("/* the app's { tables\n   model Old {\n   \"quoted */\n")) == text("/* the app's { tables\nmodel Old {\n\"quoted */\n"))
        let inside = Self.text.replacing("// a note", with: "/* a { note */")
        #expect(try pull(inside) == inside)
        let mixed = Self.text.replacing("model Person {", with: "model Person { /* one {").replacing("// a note", with: "two { */")
            .replacing("  id   Int    @id\n", with: "").replacing("  name", with: "  id Int @id\n  name")
        #expect(try pull(mixed) == Self.text.replacing("  // a note\n", with: ""))
    }

    @Test func `a list of schemas may take several lines`() throws {
        let model = "\nmodel A {\n  id Int @id\n\n  @@schema(\"a\")\n}\n"
        let list = "datasource db {\n  provider = \"postgresql\"\n  schemas  = [\n    \"a\", // one\n    \"b\"\n  ]\n} // end\n"
        let expected = "datasource db {\n  provider = \"postgresql\"\n  schemas  = [\"a\"]\n} // end\n"
        #expect(try pull(list + model, schemas: ["a"]) == expected + model)
        #expect(try pull(expected + model, schemas: ["a"]) == expected + model)
        let short = "datasource db { provider = \"postgresql\" }\n\nmodel A {\n  id Int @id\n}\n"
        let database = "datasource db {\n  provider = \"postgresql\"\n  schemas = [\"a\"]\n}\n" + model
        let pulled = try pull(short, of: database, schemas: ["a"])
        #expect(try Schema.parse(pulled, keepsIgnored: true).datasource?.schemas == ["a"], "\(pulled)")
    }

    @Test func `a new column does not take the name of a relation`() throws {
        let present = """
            datasource db {
              provider = "postgresql"
            }

            model Post {
              id       Int    @id
              author   Person @relation(fields: [authorId], references: [id])
              authorId Int
            }

            model Person {
              id    Int    @id
              posts Post[]
            }
            """
        let database = present.replacing("  author   Person", with: "  text String @map(\"author\")\n  author   Person")
            .replacing("  posts Post", with: "  text String @map(\"posts\")\n  posts Post")
        let text = try pull(present, of: database)
        let schema = try Schema.parse(text, keepsIgnored: true)
        #expect(schema.model(named: "Post")?.field(named: "author")?.isRelation == true, "\(text)")
        #expect(schema.model(named: "Post")?.field(named: "author_2")?.columnName == "author")
        #expect(schema.model(named: "Person")?.field(named: "posts_2")?.columnName == "posts")
    }

    @Test func `a key of a view keeps its name`() throws {
        let text = """
            datasource db {
              provider = "postgresql"
            }

            view Total {
              day  Int
              kind Int

              @@unique([day, kind], name: "place")
            }

            """
        #expect(try pull(text) == text)
    }
}
