import Concurrency
import SQL
import Schema
import Testing
import Text

@testable import Postgres
@testable import Query
@testable import Writes

/// Writes from the request to the statements and back, with no server.
@Suite struct WriteExecutorTests {
    private static let schema = """
        datasource db { provider = "postgresql" }
        model User { id Int @id @default(autoincrement())
          name String
          posts Post[] }
        model Post { id Int @id @default(autoincrement())
          title String
          authorId Int
          author User @relation(fields: [authorId], references: [id]) }
        """

    private func execute(_ request: String, on session: FakeSession) throws -> String {
        let schema = try Schema.parse(Self.schema)
        let text = Array(request.utf8)
        return try text.withUnsafeBytes { (text) throws(Failure) in
            let document = try JSONDocument(scanning: text)
            let envelope = try Envelope.decode(document)
            let fingerprint = ShapeFingerprint(document, envelope)
            let shape = try RequestShape(decoding: document, envelope, fingerprint, schema)
            guard case .write(let write) = shape.content else { throw Failure(.internal, code: "P6000", "The test has no write.") }
            let transaction = WriteTransaction(session, StatementTexts(mark: ""), until: .after(milliseconds: 1_000))
            let executor = WriteExecutor(
                PreparedWrite(write), try shape.bind(document, fingerprint), in: transaction, schema, SQLSettings(), moment: 0,
                limit: 1 << 20)
            var answer = ByteBuffer(capacity: 64)
            try executor.execute(into: &answer)
            return answer.string()
        }
    }

    @Test func `a single create is one statement without a transaction`() throws {
        let session = FakeSession([[.init(columns: [("id", .int4), ("name", .text)], rows: [["1", "Ada"]])]])
        let answer = try execute(#"{"model": "User", "operation": "create", "args": {"data": {"name": "Ada"}}}"#, on: session)
        #expect(answer == #"{"id":1,"name":"Ada"}"#)
        #expect(session.sent.count == 1 && session.sent[0].count == 1, "\(session.sent)")
        #expect(session.sent[0][0].hasPrefix("INSERT INTO"))
        #expect(session.values[0].contains("Ada") && !session.sent[0][0].contains("Ada"), "values are parameters")
    }

    @Test func `children take the key that their parent's row brought, in one transaction`() throws {
        let session = FakeSession([
            // Keys that later statements take are asked for as text.
            [.init(columns: [("id", .text)], rows: [["7"]])],
            [.init(), .init(columns: [("id", .int4), ("name", .text)], rows: [["7", "Ada"]])],
        ])
        let answer = try execute(
            #"{"model": "User", "operation": "create", "args": {"data": {"name": "Ada", "posts": {"create": [{"title": "one"}, {"title": "two"}]}}}}"#,
            on: session)
        #expect(answer == #"{"id":7,"name":"Ada"}"#)
        #expect(session.sent.map(\.count) == [2, 3], "two round trips: \(session.sent)")
        #expect(session.sent.first?.first == "BEGIN" && session.sent.last?.last == "COMMIT", "\(session.sent)")
        #expect(session.sent[1][0].hasPrefix("INSERT INTO") && session.sent[1][0].contains("\"Post\""), "one statement for both: \(session.sent)")
        #expect(session.sent[1][1].hasPrefix("SELECT"), "\(session.sent)")
        #expect(session.values[1].contains("7"), "the generated key is a parameter of what follows")
    }

    @Test func `a failure is the write's, and what it did is not committed`() throws {
        let session = FakeSession([[.init(columns: [("id", .int4)], rows: [["7"]])]])
        let failure = #expect(throws: Failure.self) {
            _ = try execute(
                #"{"model": "User", "operation": "create", "args": {"data": {"name": "Ada", "posts": {"create": [{"title": "one"}]}}}}"#,
                on: session)
        }
        #expect(failure?.code == "P2002" && failure?.status == .constraint)
        #expect(session.sent.count == 2, "nothing is sent after the refusal: \(session.sent)")
        #expect(session.sent.last?.last == "COMMIT", "the commit travelled behind the refused statement: \(session.sent)")
    }
}
