import SQL
import Schema
import Text

@testable import Query

/// A schema with one of everything that a request can name.
private let schema: Schema = {
    do throws(Failure) { return try Schema.parse(text) } catch { fatalError(error.message) }
}()

/// Shapes of requests seen so far: a text of a known shape is bound without being decoded.
private let shapes = ShapeIndex()

/// Everything between the bytes of a request and the database: scanner, decoder, compiler, binder.
func fuzzRequest(_ input: UnsafeRawBufferPointer) {
    do {
        let document = try JSONDocument(scanning: input)
        let envelope = try Envelope.decode(document)
        switch envelope.operation {
        case .read, .write: try decode(document, envelope)
        case .queryRaw, .executeRaw: _ = try RawQuery.decode(envelope, document)
        case .invalidate: _ = try OperationArguments.tags(envelope, document)
        default: try OperationArguments.none(envelope, document)
        }
    } catch {
        require(error.status == .invalidRequest || error.status == .tooLarge, "a wrong request is the caller's fault")
        require(!error.message.isEmpty && !error.code.isEmpty, "a failure says what is wrong")
    }
}

private func decode(_ document: JSONDocument, _ envelope: Envelope) throws(Failure) {
    let walk = ShapeFingerprint(document, envelope)
    let known = shapes.find(document, walk)?.shape
    let shape = try RequestShape(decoding: document, envelope, walk, schema)
    let fresh = outcome { () throws(Failure) in try shape.bind(document, walk) }
    if let known {
        let bound = outcome { () throws(Failure) in try known.bind(document, walk) }
        require(fresh == bound, "a known shape takes the same values")
        require(canonical(known.request) == canonical(shape.request), "a known shape is the same request")
    } else {
        shapes.insert(shape, shape)
    }
    guard let request = shape.request else { return }
    let plan = Compiler.compile(request, schema: schema)
    for statement in plan.statements {
        require(statement.slots.allSatisfy(request.slots.indices.contains), "a statement's parameters are the request's")
        require(!statement.text.isEmpty, "a statement has a text")
        require(isBalanced(statement.text), "brackets and quotes of a statement close")
    }
}

/// The canonical text of a request; empty where there is none.
private func canonical(_ request: Request?) -> [UInt8] {
    var buffer = ByteBuffer()
    request?.writeCanonical(schema, into: &buffer)
    return Array(buffer.bytes)
}

/// The parameters as bytes, or the message of the failure.
private func outcome(_ bind: () throws(Failure) -> ParameterList) -> [UInt8] {
    do {
        let list = try bind()
        return Array(list.bytes)
    } catch {
        return Array(error.message.utf8)
    }
}

/// Whether brackets close and quotes end: what a byte of a request within the text would break.
private func isBalanced(_ text: String) -> Bool {
    var depth = 0
    var quote: UInt8?
    for byte in text.utf8 {
        if let open = quote {
            if byte == open { quote = nil }
            continue
        }
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "'"): quote = byte
        case UInt8(ascii: "("): depth += 1
        case UInt8(ascii: ")"): depth -= 1
        default: break
        }
        if depth < 0 { return false }
    }
    return depth == 0 && quote == nil
}

private let text = """
    datasource db {
      provider = "postgresql"
      schemas  = ["public", "other"]
    }
    enum Role {
      ADMIN @map("administrator")
      USER
      @@schema("public")
    }
    model User {
      id       Int        @id @default(autoincrement())
      email    String     @unique
      name     String?
      age      Int?
      big      BigInt?    @default(0)
      ratio    Float?
      balance  Decimal    @default(0) @db.Decimal(10, 2)
      active   Boolean    @default(true)
      role     Role       @default(USER)
      seen     DateTime?  @updatedAt
      born     DateTime?  @db.Date
      clock    DateTime?  @db.Timetz(3)
      avatar   Bytes?
      settings Json?
      tags     String[]
      scores   Int[]
      roles    Role[]
      papers   Json[]
      code     String?    @db.Uuid
      host     String?    @db.Inet
      mask     String?    @db.Bit(4)
      page     String?    @db.Xml
      cost     Decimal?   @db.Money
      short    String?    @db.Char(4)
      mentorId Int?
      mentor   User?      @relation("Mentor", fields: [mentorId], references: [id])
      pupils   User[]     @relation("Mentor")
      friends  User[]     @relation("Friends")
      friendOf User[]     @relation("Friends")
      posts    Post[]     @relation("Author")
      edited   Post[]     @relation("Editor")
      profile  Profile?
      @@map("users")
      @@schema("public")
    }
    model Profile {
      userId Int     @id
      bio    String  @default("")
      user   User    @relation(fields: [userId], references: [id])
      @@schema("public")
    }
    model Post {
      id       String  @id @default(uuid())
      title    String
      rank     Float?
      authorId Int
      editorId Int?
      author   User    @relation("Author", fields: [authorId], references: [id])
      editor   User?   @relation("Editor", fields: [editorId], references: [id])
      lines    Line[]
      topics   Topic[]
      @@schema("other")
    }
    model Line {
      postId String
      number Int
      text   String  @default("x")
      post   Post    @relation(fields: [postId], references: [id])
      notes  Note[]
      @@id([postId, number])
      @@unique([text, number], name: "place")
      @@schema("other")
    }
    model Note {
      id     BigInt  @id @default(autoincrement())
      postId String?
      number Int?
      line   Line?   @relation(fields: [postId, number], references: [postId, number])
      @@schema("other")
    }
    model Topic {
      id    Int    @id
      label String @unique
      posts Post[]
      @@schema("public")
    }
    """
