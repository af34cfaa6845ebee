import Schema
import Testing

@Suite("Any bytes give a schema or mistakes with places, never a crash") struct MutationTests {
    private static let text = """
        // A shop.
        datasource db {
          provider     = "postgresql"
          url          = env("DATABASE_URL")
          schemas      = ["app", "audit"]
          relationMode = "foreignKeys"
          extensions   = [postgis(version: "2.1")]
        }
        generator client {
          provider = "prisma-client-js"
          previewFeatures = ["views", "fullTextSearch"]
        }
        /* kinds
           of users */
        enum Role {
          ADMIN
          GUEST @map("the \\"guest\\" \\u00e9\\ud83d\\ude00")
          @@map("role")
          @@schema("app")
        }
        /// A person.
        model User {
          id        Int       @id @default(autoincrement())
          email     String    @unique(map: "mail", sort: Desc) @db.VarChar(80)
          role      Role      @default(GUEST)
          roles     Role[]    @default([ADMIN, GUEST])
          balance   Decimal   @default(-12.50) @db.Decimal(10, 2)
          shape     Unsupported("circle")?
          createdAt DateTime  @default(now()) @map("created_at") @db.Timestamptz(3)
          changedAt DateTime? @updatedAt
          data      Json      @default("{\\"a\\": [1]}")
          managerId Int?      @unique
          manager   User?     @relation("Line", fields: [managerId], references: [id], onDelete: SetNull)
          report    User?     @relation("Line")
          friends   User[]    @relation("Friends")
          friendOf  User[]    @relation("Friends")
          orders    Order[]
          @@unique([email, role], name: "mail_role", where: raw("role > 1"))
          @@index([createdAt(sort: Desc), data(ops: raw("jsonb_ops"))], map: "user_idx")
          @@map("users")
          @@schema("app")
        }
        model Order {
          region String
          number BigInt
          userId Int
          user   User  @relation(
            fields: [userId],
            references: [id] // the key
          )
          items  Item[]
          @@id([region, number])
          @@schema("audit")
        }
        model Item {
          id     String @id @default(uuid(7)) @db.Uuid
          region String?
          number BigInt?
          order  Order? @relation(fields: [region, number], references: [region, number], onUpdate: NoAction)
          @@index(fields: [number])
          @@schema("audit")
        }
        view Total {
          userId Int
          total  Float
          @@schema("app")
        }
        """

    /// A generator of numbers that gives the same ones each time.
    private struct Numbers: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = state
            value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
            return value ^ (value >> 31)
        }
    }

    private static let pieces = [
        "{", "}", "(", ")", "[", "]", "\"", "\\", "@", "@@", ",", ":", ".", "?", "\n", "//", "/*", "*/", "model ",
        "\u{0}", "é", "9", "-",
    ]

    private func mutate(_ bytes: inout [UInt8], _ numbers: inout Numbers) {
        for _ in 0..<Int.random(in: 1...4, using: &numbers) where !bytes.isEmpty {
            let start = Int.random(in: 0..<bytes.count, using: &numbers)
            let end = min(bytes.count, start + Int.random(in: 1...30, using: &numbers))
            switch Int.random(in: 0..<6, using: &numbers) {
            case 0: bytes.removeSubrange(start..<end)
            case 1:
                bytes.insert(
                    contentsOf: Array(bytes[start..<end]), at: Int.random(in: 0...bytes.count, using: &numbers))
            case 2: bytes[start] ^= 1 << UInt8.random(in: 0..<8, using: &numbers)
            case 3: bytes.insert(contentsOf: Array(Self.pieces.randomElement(using: &numbers)!.utf8), at: start)
            case 4: bytes.removeLast(min(bytes.count, Int.random(in: 1...200, using: &numbers)))
            default: bytes.swapAt(start, Int.random(in: 0..<bytes.count, using: &numbers))
            }
        }
    }

    @Test("the text that is mutated is right")
    func baseIsRight() throws {
        #expect(try SchemaText.parse(Self.text).models.count == 4)
    }

    @Test("bytes deleted, doubled, flipped, inserted, swapped, cut off", arguments: 0..<8)
    func mutations(seed: Int) {
        var numbers = Numbers(state: UInt64(seed))
        var accepted = 0
        for _ in 0..<250 {
            var bytes = Array(Self.text.utf8)
            mutate(&bytes, &numbers)
            let diagnostics = SchemaText.diagnostics(bytes)
            if diagnostics.isEmpty { accepted += 1 }
            let lines = bytes.count { $0 == 0x0A } + 1
            var last = (0, 0)
            for diagnostic in diagnostics {
                #expect(
                    (1...lines).contains(diagnostic.line) && diagnostic.column >= 1
                        && diagnostic.column <= bytes.count + 1)
                #expect(last <= (diagnostic.line, diagnostic.column))
                last = (diagnostic.line, diagnostic.column)
            }
            // One wrong place is seldom more than a handful of mistakes.
            #expect(diagnostics.count < 40)
        }
        #expect(accepted > 0 && accepted < 250)
    }

    @Test("every beginning of a text")
    func prefixes() {
        let bytes = Array(Self.text.utf8)
        for length in stride(from: 0, to: bytes.count, by: 3) {
            _ = SchemaText.diagnostics(Array(bytes[..<length]))
        }
    }

    @Test("bytes without any sense", arguments: 0..<4)
    func noise(seed: Int) {
        var numbers = Numbers(state: UInt64(1000 + seed))
        for _ in 0..<300 {
            let words = (0..<Int.random(in: 0...60, using: &numbers)).map { _ in
                (Self.pieces + ["String", "id", "enum", "datasource", " ", "provider", "=", "default"]).randomElement(
                    using: &numbers)!
            }
            let diagnostics = SchemaText.diagnostics(Array(words.joined().utf8))
            #expect(diagnostics.allSatisfy { $0.line >= 1 && $0.column >= 1 && !$0.message.isEmpty })
        }
    }
}
