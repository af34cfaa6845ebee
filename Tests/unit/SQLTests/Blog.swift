import Query
import SQL
import Schema
import Testing
import Text

/// A schema with one of each kind of relation, and requests on it in few words.
struct Blog {
    let schema: Schema

    static let text = """
        datasource db {
          provider = "postgresql"
          schemas  = ["public", "blog"]
        }
        enum Role {
          ADMIN @map("administrator")
          USER
          @@schema("public")
        }
        model User {
          id        Int      @id
          email     String   @unique
          name      String?
          age       Int?
          big       BigInt   @default(0)
          balance   Decimal  @default(0)
          role      Role     @default(USER)
          tags      String[]
          meta      Json?
          createdAt DateTime @map("created_at")
          posts     Post[]
          profile   Profile?
          @@map("users")
          @@schema("public")
        }
        model Profile {
          id     Int    @id
          bio    String
          userId Int    @unique
          user   User   @relation(fields: [userId], references: [id])
          @@schema("public")
        }
        model Post {
          id       Int     @id
          title    String
          subtitle String?
          views    Int     @default(0)
          authorId Int?
          author   User?   @relation(fields: [authorId], references: [id])
          topics   Topic[]
          @@schema("blog")
        }
        model Topic {
          id    Int    @id
          label String
          posts Post[]
          @@schema("blog")
        }
        model Place {
          country String
          code    Int
          label   String @unique
          cost    Decimal? @db.Money
          host    String? @db.Inet
          mask    String? @db.Bit(8)
          uuid    String? @db.Uuid
          code2   String? @db.Char(2)
          nick    String? @db.Citext
          hosts   String[] @db.Inet
          notes   Json[]   @db.Json
          @@id([country, code])
          @@schema("public")
        }
        """

    init() throws { schema = try Schema.parse(Blog.text) }

    func model(_ name: String) throws -> Int { try #require(schema.model(named: name)).index }

    func field(_ model: String, _ name: String) throws -> Int {
        try #require(schema.model(named: model)?.field(named: name), "\(model).\(name)").index
    }

    func fields(_ model: String, _ names: [String]) throws -> [Int] { try names.map { try field(model, $0) } }

    func selection(_ model: String, _ scalars: [String], relations: [NestedRead] = [], counts: [RelationCount] = []) throws -> Selection {
        Selection(scalars: try fields(model, scalars), relations: relations, counts: counts)
    }

    func rows(_ model: String, _ filter: Filter = .all([])) throws -> Rows { Rows(model: try self.model(model), filter: filter) }

    func order(_ model: String, _ name: String, descending: Bool = false, nulls: Order.Nulls? = nil) throws -> Order {
        Order(term: .field(try field(model, name)), isDescending: descending, nulls: nulls)
    }

    func equals(_ model: String, _ name: String, slot: Int) throws -> Filter {
        .scalar(field: try field(model, name), .compare(.equals, .slot(slot), isInsensitive: false))
    }

    func nested(_ model: String, _ name: String, _ rows: Rows, _ selection: Selection) throws -> NestedRead {
        NestedRead(field: try field(model, name), rows: rows, selection: selection)
    }

    func plan(_ operation: Request.Operation, _ body: Request.Body, settings: SQLSettings = SQLSettings(defaultSchema: nil)) -> Plan {
        Compiler.compile(Request(operation: operation, model: 0, body: body, slots: []), schema: schema, settings: settings)
    }

    func find(_ rows: Rows, _ selection: Selection, _ operation: Request.Operation = .findMany) -> Plan {
        plan(operation, .find(rows, selection))
    }

    /// What stands after WHERE for one filter.
    func condition(_ model: String, _ filter: Filter) throws -> String {
        let plan = find(try rows(model, filter), try selection(model, ["id"]))
        let text = plan.statements[0].text
        return String(text[try #require(text.range(of: " WHERE ")).upperBound...])
    }
}

extension String {
    func range(of part: String) -> Range<String.Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(part), let end = index(start, offsetBy: part.count, limitedBy: endIndex) { return start..<end }
            start = index(after: start)
        }
        return nil
    }
}
