import Catalog
import Migration
import Schema
import Testing
import Text

/// Schema texts in, SQL out: what Prisma Migrate would write.
struct DiffTests {
    private func database(_ text: String) throws -> Database {
        Database(wantedBy: try Schema.parse("datasource db {\n provider = \"postgresql\"\n}\n" + text, keepsIgnored: true), defaultSchema: "public")
    }

    private func sql(_ from: String, _ to: String) throws -> String { Migration(from: try database(from), to: try database(to)).sql }

    private func risks(_ from: String, _ to: String) throws -> [String] {
        Migration(from: try database(from), to: try database(to)).risks.map { $0.kind.rawValue + " " + $0.path(isQualified: false) }
    }

    @Test func `From nothing: types, tables, indexes, keys, in that order`() throws {
        let text = """
            model User {
              id    Int     @id @default(autoincrement())
              email String  @unique
              role  Role    @default(USER)
              posts Post[]
              tags  String[] @default(["a", "it's"])
              at    DateTime @default(now()) @db.Timestamptz(3)
            }
            model Post {
              id       BigInt @id @default(autoincrement())
              authorId Int
              author   User   @relation(fields: [authorId], references: [id])
              @@index([authorId, id(sort: Desc)])
            }
            enum Role {
              USER
              ADMIN
            }
            """
        #expect(
            try sql("", text) == """
                -- CreateEnum
                CREATE TYPE "Role" AS ENUM ('USER', 'ADMIN');

                -- CreateTable
                CREATE TABLE "User" (
                    "id" SERIAL NOT NULL,
                    "email" TEXT NOT NULL,
                    "role" "Role" NOT NULL DEFAULT 'USER',
                    "tags" TEXT[] DEFAULT ARRAY['a', 'it''s']::TEXT[],
                    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

                    CONSTRAINT "User_pkey" PRIMARY KEY ("id")
                );

                -- CreateTable
                CREATE TABLE "Post" (
                    "id" BIGSERIAL NOT NULL,
                    "authorId" INTEGER NOT NULL,

                    CONSTRAINT "Post_pkey" PRIMARY KEY ("id")
                );

                -- CreateIndex
                CREATE UNIQUE INDEX "User_email_key" ON "User"("email");

                -- CreateIndex
                CREATE INDEX "Post_authorId_id_idx" ON "Post"("authorId", "id" DESC);

                -- AddForeignKey
                ALTER TABLE "Post" ADD CONSTRAINT "Post_authorId_fkey" FOREIGN KEY ("authorId") REFERENCES "User"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

                """)
        #expect(try sql(text, text) == "")
    }

    @Test(arguments: [
        ("a Int", "a BigInt", "ALTER TABLE \"M\" ALTER COLUMN \"a\" SET DATA TYPE BIGINT;", []),
        ("a BigInt", "a Int", "ALTER TABLE \"M\" ALTER COLUMN \"a\" SET DATA TYPE INTEGER;", ["typeNarrowed M.a"]),
        ("a Int?", "a Int", "ALTER TABLE \"M\" ALTER COLUMN \"a\" SET NOT NULL;", ["columnMadeRequired M.a"]),
        ("a Int", "a Int?", "ALTER TABLE \"M\" ALTER COLUMN \"a\" DROP NOT NULL;", []),
        ("a Int", "a Int @default(5)", "ALTER TABLE \"M\" ALTER COLUMN \"a\" SET DEFAULT 5;", []),
        ("a Int @default(5)", "a Int", "ALTER TABLE \"M\" ALTER COLUMN \"a\" DROP DEFAULT;", []),
        ("", "a Int", "ALTER TABLE \"M\" ADD COLUMN     \"a\" INTEGER NOT NULL;", ["columnAddedRequired M.a"]),
        ("a Int", "", "ALTER TABLE \"M\" DROP COLUMN \"a\";", ["columnDropped M.a"]),
        ("a Int", "a String", "ALTER TABLE \"M\" ALTER COLUMN \"a\" SET DATA TYPE TEXT;", []),
        ("a String", "a Int", "ALTER TABLE \"M\" DROP COLUMN \"a\",\nADD COLUMN     \"a\" INTEGER NOT NULL;", ["columnRecreated M.a"]),
        (
            "a String @db.VarChar(40) @default(\"x\")", "a String @db.VarChar(20) @default(\"x\")",
            "ALTER TABLE \"M\" ALTER COLUMN \"a\" SET DATA TYPE VARCHAR(20);", ["typeNarrowed M.a"]
        ),
        (
            "a Int? @default(3)", "a BigInt @default(5)",
            "ALTER TABLE \"M\" ALTER COLUMN \"a\" SET NOT NULL,\nALTER COLUMN \"a\" SET DEFAULT 5,\nALTER COLUMN \"a\" SET DATA TYPE BIGINT;",
            ["columnMadeRequired M.a"]
        ),
    ])
    func `One column changes`(from: String, to: String, expected: String, risky: [String]) throws {
        func model(_ field: String) -> String { "model M {\n id Int @id\n \(field)\n}" }
        let lines = try sql(model(from), model(to)).split(separator: "\n").filter { !$0.hasPrefix("--") }.joined(separator: "\n")
        #expect(lines == expected)
        #expect(try risks(model(from), model(to)) == risky)
    }

    @Test func `Labels are added where they belong, and a type takes the place of one that loses some`() throws {
        func type(_ labels: String, _ more: String = "") -> String {
            "model M {\n id Int @id\n e E\(more)\n}\nenum E {\n" + labels.split(separator: " ").joined(separator: "\n") + "\n}"
        }
        #expect(try sql(type("a c"), type("a b c d")) == "-- AlterEnum\nALTER TYPE \"E\" ADD VALUE 'b' BEFORE 'c';\nALTER TYPE \"E\" ADD VALUE 'd';\n")
        let script = try sql(type("a b"), type("a"))
        #expect(script.contains("ALTER TABLE \"M\" ALTER COLUMN \"e\" TYPE \"E_new\" USING (\"e\"::text::\"E_new\");"))
        #expect(try risks(type("a b"), type("a")) == ["labelsRemoved E"])
        // Why: a script may be run statement by statement; a push has a transaction of its own.
        let migration = Migration(from: try database(type("a b")), to: try database(type("a")))
        #expect(migration.script.contains("-- AlterEnum\nBEGIN;\nCREATE TYPE") && migration.script.contains("COMMIT;\n"))
        #expect(!migration.sql.contains("BEGIN"))
        // A label cannot be used in the transaction that adds it.
        #expect(try sql(type("a"), type("a b", " @default(b)")).contains("RENAME TO \"E_old\""))
    }

    @Test func `What only has another name is renamed`() throws {
        func model(_ more: String) -> String { "model M {\n id Int @id\(more.isEmpty ? "" : "(map: \"other\")")\n a Int @unique\(more)\n}" }
        let script = try sql(model(""), model("(map: \"u\")"))
        #expect(
            script
                == "-- AlterTable\nALTER TABLE \"M\" RENAME CONSTRAINT \"M_pkey\" TO \"other\";\n\n-- RenameIndex\nALTER INDEX \"M_a_key\" RENAME TO \"u\";\n")
    }

    @Test func `A key that changes its type at both ends is away meanwhile`() throws {
        func models(_ type: String) -> String {
            "model A {\n id \(type) @id\n bs B[]\n}\nmodel B {\n id Int @id\n aId \(type)\n a A @relation(fields: [aId], references: [id])\n}"
        }
        let lines = try sql(models("Int"), models("String")).split(separator: "\n")
        let drop = try #require(lines.firstIndex { $0.contains("DROP CONSTRAINT \"B_aId_fkey\"") })
        let add = try #require(lines.firstIndex { $0.contains("ADD CONSTRAINT \"B_aId_fkey\"") })
        #expect(drop < add)
    }

    @Test func `A name that a view keeps is told, one that goes is not`() throws {
        var current = try database("model A {\n id Int @id\n}")
        let wanted = try database("model A {\n id Int @id\n}\nmodel B {\n id Int @id\n a Int @unique\n}")
        func told() -> [String] { Migration(from: current, to: wanted).risks.map { $0.kind.rawValue + " " + $0.path(isQualified: false) } }
        #expect(told() == [])
        current.views = [View(ObjectName("B_a_key", in: "public"))]
        #expect(told() == ["nameTaken B"])
        current.views = [View(ObjectName("B_a_key", in: "other"))]
        #expect(told() == [])
        // A dropped table takes its indexes along.
        current.views = []
        current.tables.append(try #require(try database("model C {\n id Int @id\n a Int @unique(map: \"B_a_key\")\n}").tables.first))
        #expect(told() == ["tableDropped C"])
    }

    @Test func `A sequence gets a number if something else has its name`() throws {
        var current = try database("model A {\n id Int @id\n}")
        let wanted = try database("model A {\n id Int @id @default(autoincrement())\n}")
        #expect(Migration(from: current, to: wanted).sql.contains("CREATE SEQUENCE \"A_id_seq\";"))
        current.views = [View(ObjectName("A_id_seq", in: "public")), View(ObjectName("A_id_seq1", in: "public"))]
        let migration = Migration(from: current, to: wanted)
        #expect(migration.sql.contains("CREATE SEQUENCE \"A_id_seq2\";") && migration.sql.contains("nextval('\"A_id_seq2\"')"))
        #expect(migration.risks.isEmpty)
    }

    @Test func `A column of two parents keeps its type, and so does a column that a child has otherwise`() throws {
        func family(_ first: String, _ second: String, _ child: String) throws -> Database {
            var made = try database(
                zip(["P", "Q", "C"], [first, second, child]).map { "model \($0) {\n id Int @id\n \($1)\n}\n" }.joined())
            for index in made.tables.indices {
                let isChild = made.tables[index].name.name == "C"
                made.tables[index].hasSubclasses = !isChild
                if isChild { made.tables[index].parents = [ObjectName("P", in: "public"), ObjectName("Q", in: "public")] }
                for place in made.tables[index].columns.indices where isChild && made.tables[index].columns[place].name != "own" {
                    (made.tables[index].columns[place].isInherited, made.tables[index].columns[place].isLocal) = (true, false)
                }
            }
            return made
        }
        func left(_ from: Database, _ to: Database) -> [String] {
            Migration(from: from, to: to).left.map { $0.kind.rawValue + " " + $0.path(isQualified: false) }
        }
        let before = try family("n Int", "n Int", "n Int")
        #expect(left(before, try family("n BigInt", "n BigInt", "n BigInt")) == ["type P.n", "type Q.n", "type C.n"])
        #expect(Migration(from: before, to: try family("n BigInt", "n BigInt", "n BigInt")).isEmpty)
        #expect(left(before, try family("n Int?", "n Int?", "n Int?")) == [])
        // The child has the name already.
        let own = try family("a Int", "b Int", "a Int\n b Int\n own String")
        #expect(left(own, try family("a Int\n own Int", "b Int", "a Int\n b Int\n own String")) == ["missingColumn P.own"])
        #expect(left(own, try family("a Int\n own String", "b Int", "a Int\n b Int\n own String")) == [])
    }
}
