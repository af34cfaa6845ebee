import Schema
import Testing

@Suite("What makes two schemas different") struct CanonicalTests {
    private static let text = """
        datasource db {
          provider = "postgresql"
          schemas = ["app", "log"]
        }
        enum Role {
          ADMIN
          GUEST @map("guest")
          @@schema("app")
        }
        model User {
          id Int @id @default(autoincrement())
          email String @unique @db.VarChar(80)
          role Role @default(GUEST)
          tags String[] @default(["a"])
          at DateTime @updatedAt
          secret String? @ignore
          shape Unsupported("circle")?
          posts Post[]
          liked Post[] @relation("Likes")
          @@index([email, role])
          @@schema("app")
        }
        model Post {
          id Int @id
          userId Int
          a Int
          b Int
          user User @relation(fields: [userId], references: [id])
          likedBy User[] @relation("Likes")
          @@unique([a, b], name: "pair")
          @@schema("log")
        }
        """

    private func canonical(_ text: String) throws -> String { try SchemaText.parse(text).canonicalDescription }

    @Test("comments, blanks, generators, the provider's spelling and the order of attributes leave no trace")
    func sameMeaning() throws {
        let base = try canonical(Self.text)
        let variants = [
            Self.text + "\n// more\n",
            "generator g {\n provider = \"x\"\n}\n" + Self.text,
            Self.text.replacing("  id Int @id\n", with: "\n  /// the key\n\tid   Int   @id // key\n"),
            Self.text.replacing("@unique @db.VarChar(80)", with: "@db.VarChar(80) @unique"),
            Self.text.replacing("\"postgresql\"", with: "\"postgres\""),
            Self.text.replacing("\"postgresql\"", with: "\"postgresql\"\n  url = env(\"X\")"),
            Self.text.replacing("[a, b], name: \"pair\"", with: "name: \"pair\", fields: [a, b]"),
            Self.text.replacing("references: [id])", with: "references: [id], onUpdate: Cascade)"),
        ]
        for variant in variants { #expect(try canonical(variant) == base) }
    }

    @Test(
        "anything that a query may notice makes a difference",
        arguments: [
            ("VarChar(80)", "VarChar(81)"), ("VarChar(80)", "Char(80)"), (" @db.VarChar(80)", ""),
            ("email String ", "mail String "),
            ("@default(GUEST)", "@default(ADMIN)"), ("@default(GUEST)", ""), ("[\"a\"]", "[\"a\", \"\"]"),
            ("@map(\"guest\")", ""),
            (" @updatedAt", ""), (" @ignore", ""), ("circle", "point"), ("secret String?", "secret String"),
            ("tags String[]", "labels String[]"), ("String @unique", "String @map(\"e\") @unique"),
            ("name: \"pair\"", "name: \"two\""),
            ("[a, b], name", "[b, a], name"), ("references: [id])", "references: [id], onDelete: Cascade)"),
            ("\"Likes\"", "\"Loves\""), ("schemas = [\"app\", \"log\"]", "schemas = [\"log\", \"app\"]"),
            ("@@schema(\"log\")", "@@schema(\"app\")"), ("model Post {", "model Post {\n  @@map(\"posts\")"),
            ("  a Int\n  b Int\n", "  b Int\n  a Int\n"),
            ("ADMIN\n", "ADMIN\n  OWNER\n"), ("enum Role {", "enum Role {\n  @@map(\"role\")"),
            ("@default(autoincrement())", ""),
            ("schemas =", "relationMode = \"prisma\"\n  schemas ="),
        ])
    func differentMeaning(old: String, new: String) throws {
        let changed = Self.text.replacing(old, with: new)
            .replacing("@@index([email,", with: old == "email String " ? "@@index([mail," : "@@index([email,")
        #expect(changed != Self.text)
        #expect(try canonical(changed) != canonical(Self.text))
    }

    @Test("texts cannot run into each other")
    func ambiguity() throws {
        let one = "model A {\n id Int @id\n x String[] @default([\"a\", \"b\"])\n}"
        let other = "model A {\n id Int @id\n x String[] @default([\"a 1:b\"])\n}"
        #expect(try canonical(one) != canonical(other))
    }
}
