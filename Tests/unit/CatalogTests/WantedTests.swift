import Schema
import Testing

@testable import Catalog

/// What a schema text asks for, in the words of the database.
struct WantedTests {
    private func wanted(_ text: String) throws -> Database {
        Database(wantedBy: try Schema.parse("datasource db {\n provider = \"postgresql\"\n}\n" + text, keepsIgnored: true), defaultSchema: "public")
    }

    @Test func `tables have the names of Prisma Migrate`() throws {
        let database = try wanted(
            """
            model User {
              id    Int    @id @default(autoincrement())
              email String @unique
              posts Post[]
              tags  Tag[]
            }
            model Post {
              id       BigInt @id @default(autoincrement())
              authorId Int
              author   User   @relation(fields: [authorId], references: [id])
              title    String @db.VarChar(40) @map("headline")
              @@index([title(sort: Desc)])
              @@map("posts")
            }
            model Tag {
              name  String @id @default(cuid())
              users User[]
            }
            """)
        #expect(database.tables.map(\.name.name) == ["User", "posts", "Tag", "_TagToUser"])
        let posts = try #require(database.table(ObjectName("posts", in: "public")))
        #expect(posts.primaryKey == PrimaryKey(name: "posts_pkey", columns: ["id"]))
        #expect(posts.columns.map(\.name) == ["id", "authorId", "headline"])
        #expect(posts.column("headline")?.type == .native(NativeType(.varChar, [40])))
        #expect(posts.column("id")?.defaultValue == .sequence(ObjectName("posts_id_seq", in: "public")))
        #expect(posts.indexes.map(\.name) == ["posts_headline_idx"])
        #expect(posts.indexes.first?.parts.first?.isDescending == true)
        let key = try #require(posts.foreignKeys.first)
        #expect(key.name == "posts_authorId_fkey" && key.onDelete == .restrict && key.onUpdate == .cascade)
        let join = try #require(database.table(ObjectName("_TagToUser", in: "public")))
        #expect(join.primaryKey?.name == "_TagToUser_AB_pkey" && join.indexes.map(\.name) == ["_TagToUser_B_index"])
        #expect(join.column("A")?.type == .native(NativeType(.text)) && join.column("B")?.type == .native(NativeType(.integer)))
        #expect(database.table(ObjectName("Tag", in: "public"))?.column("name")?.defaultValue == nil)
        #expect(database.sequences.map(\.type) == ["integer", "bigint"])
    }

    @Test func `ignored models have tables`() throws {
        let database = try wanted("model A {\n id Int?\n u Unsupported(\"tsvector\")?\n @@ignore\n}")
        #expect(database.tables.first?.columns.map(\.type) == [.native(NativeType(.integer)), .other(name: "tsvector", text: "tsvector")])
    }

    @Test func `sequences are cut as PostgreSQL cuts them`() {
        let long = String(repeating: "x", count: 60)
        #expect(MadeName.sequence(of: "t", "c") == "t_c_seq")
        #expect(MadeName.sequence(of: long, "column").utf8.count == 63)
        #expect(MadeName.sequence(of: long, "column").hasSuffix("x_column_seq"))
        #expect(MadeName.sequence(of: long, long).utf8.count == 63)
        #expect(MadeName.cut(String(repeating: "é", count: 40)).utf8.count == 62)
    }

    @Test func `conditions are text`() throws {
        let database = try wanted(
            """
            model A {
              id   Int @id
              gone DateTime?
              kind String
              @@index([kind], where: { gone: null, kind: "it's" })
              @@unique([kind], where: raw("id > 4"), map: "u")
            }
            """)
        #expect(database.tables[0].indexes.map(\.condition) == ["id > 4", "(\"gone\" IS NULL) AND (\"kind\" = 'it''s')"])
    }
}

/// Defaults as the server writes them.
struct DefaultReaderTests {
    private func read(_ text: String, _ name: NativeType.Name, isList: Bool = false) -> ColumnDefault? {
        DefaultReader.value(text, .native(NativeType(name)), isList: isList)
    }

    @Test func `constants are read as the server writes them`() {
        #expect(read("'it''s'::text", .text) == .constant(.text("it's")))
        #expect(read("E'a\\\\b'::text", .text) == .constant(.text("a\\b")))
        #expect(read("'-1'::integer", .integer) == .constant(.number("-1")))
        #expect(read("'-1.5'::numeric(10,2)", .decimal) == .constant(.number("-1.5")))
        #expect(read("1.50", .decimal) == .constant(.number("1.50")))
        #expect(read("true", .boolean) == .constant(.truth(true)))
        #expect(read("'{\"a\": 1}'::jsonb", .jsonB) == .constant(.text("{\"a\": 1}")))
        #expect(read("'\\x00ff'::bytea", .byteA) == .constant(.bytes([0, 255])))
        #expect(DefaultReader.value("'A'::app.\"My::Role\"", .enumeration(ObjectName("My::Role", in: "app")), isList: false) == .constant(.label("A")))
    }

    @Test func `functions are read as the server writes them`() {
        #expect(read("now()", .timestamptz) == .now)
        #expect(read("CURRENT_TIMESTAMP", .timestamp) == .now)
        #expect(read("CURRENT_TIMESTAMP(3)", .timestamp) == .expression("CURRENT_TIMESTAMP(3)"))
        #expect(read("nextval('public.\"A.b\"\"_seq\"'::regclass)", .integer) == .sequence(ObjectName("A.b\"_seq", in: "public")))
        #expect(read("gen_random_uuid()", .uuid) == .expression("gen_random_uuid()"))
        #expect(read("('a'::text || 'b'::text)", .text) == .expression("('a'::text || 'b'::text)"))
        #expect(read("('a'::text) || 'b'", .text) == .expression("('a'::text) || 'b'"))
        #expect(read("NULL", .text) == nil)
        #expect(read("NULL::character varying", .varChar) == nil)
        #expect(read("NULLIF('a'::text, 'b'::text)", .text) == .expression("NULLIF('a'::text, 'b'::text)"))
        #expect(read("nextval(('public.s'::text)::regclass)", .integer) == .sequence(ObjectName("s", in: "public")))
    }

    @Test func `lists are read as the server writes them`() {
        #expect(read("ARRAY['a'::text, 'b,]'::text]", .text, isList: true) == .list([.text("a"), .text("b,]")]))
        #expect(read("'{a,\"b c\"}'::text[]", .text, isList: true) == .list([.text("a"), .text("b c")]))
        #expect(read("ARRAY[1, 2]", .integer, isList: true) == .list([.number("1"), .number("2")]))
        #expect(read("ARRAY[]::integer[]", .integer, isList: true) == .list([]))
        #expect(read("'{}'::integer[]", .integer, isList: true) == .list([]))
        #expect(read("'{NULL}'::text[]", .text, isList: true) == .expression("'{NULL}'::text[]"))
        #expect(read("ARRAY['a'::character varying, 'b'::character varying]", .varChar, isList: true) == .list([.text("a"), .text("b")]))
        #expect(read("(ARRAY['a'::character varying])::text[]", .text, isList: true) == .expression("(ARRAY['a'::character varying])::text[]"))
    }
}
