import Schema
import Testing
import Text

@testable import Query

/// The data model that the tests of this module speak of.
let blog: Schema = {
    let text = """
        datasource db {
          provider = "postgresql"
        }
        enum Role {
          ADMIN
          READER @map("read-only")
        }
        model User {
          id       Int       @id
          email    String    @unique
          name     String?
          age      Int?
          big      BigInt?
          score    Float?
          balance  Decimal?
          active   Boolean   @default(true)
          role     Role      @default(READER)
          born     DateTime? @db.Date
          wakes    DateTime? @db.Time
          seen     DateTime?
          avatar   Bytes?
          settings Json?
          tags     String[]
          numbers  Int[]
          small    Int?      @db.SmallInt
          uuid     String?   @db.Uuid
          mentorId Int?
          mentor   User?     @relation("Mentor", fields: [mentorId], references: [id])
          pupils   User[]    @relation("Mentor")
          posts    Post[]
        }
        model Post {
          id       Int     @id
          title    String
          subtitle String?
          rank     Int     @default(0)
          authorId Int
          author   User    @relation(fields: [authorId], references: [id])
          lines    Line[]
        }
        model Line {
          postId Int
          number Int
          text   String
          post   Post @relation(fields: [postId], references: [id])
          @@id([postId, number])
          @@unique([number, text], name: "place")
        }
        """
    do { return try Schema.parse(text) } catch { fatalError("\(error)") }
}()

extension Request {
    /// Decodes a read without remembering its shape.
    static func decode(_ document: JSONDocument, _ schema: Schema) throws(Failure) -> Request {
        let envelope = try Envelope.decode(document)
        let walk = ShapeFingerprint(document, envelope)
        var decoder = RequestDecoder(document, schema, walk)
        return try decoder.decode(envelope)
    }

    /// The canonical text as a string.
    func canonicalText(_ schema: Schema) -> String {
        var buffer = ByteBuffer()
        writeCanonical(schema, into: &buffer)
        return buffer.string()
    }
}

/// Decodes and gives the canonical text.
func canonical(_ text: String) throws -> String {
    try Request.decode(JSONDocument(scanning: text), blog).canonicalText(blog)
}

/// The canonical text of `findMany` on `User` with these arguments.
func users(_ args: String) throws -> String {
    try canonical(#"{"model": "User", "operation": "findMany", "args": \#(args)}"#)
}

/// The canonical text of a `where` on `User`, without the selection.
func filter(_ text: String) throws -> String {
    let all = try users(#"{"where": \#(text), "select": {"id": true}}"#)
    return String(all.dropFirst("findMany User(where".count).dropLast(")(select id)".count))
}

/// The values that a request binds; nil for SQL NULL.
func values(_ text: String) throws -> [String] {
    let document = try JSONDocument(scanning: text)
    let envelope = try Envelope.decode(document)
    let walk = ShapeFingerprint(document, envelope)
    let shape = try RequestShape(decoding: document, envelope, walk, blog)
    let list = try shape.bind(document, walk)
    return (0..<list.count).map { list.pointer($0).map { String(cString: $0) } ?? "NULL" }
}

/// The values of a `where` on `User`.
func bound(_ filter: String) throws -> [String] {
    try values(#"{"model": "User", "operation": "findMany", "args": {"where": \#(filter)}}"#)
}

/// The failure of `body`.
func failure<Result>(_ body: () throws -> Result) throws -> Failure {
    do {
        _ = try body()
    } catch let failure as Failure {
        return failure
    }
    throw NoFailure()
}

struct NoFailure: Error {}

extension Failure {
    /// `P2009 args.where.emial`
    var place: String {
        for fact in meta {
            if fact.key == "path", case .text(let path) = fact.value { return "\(code) \(path)" }
        }
        return code
    }
}
