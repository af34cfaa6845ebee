import Testing
import Text

@testable import Query

@Suite("Requests of transactions")
struct TransactionTests {
    private func parse(_ text: String) throws -> (Envelope, JSONDocument) {
        let document = try JSONDocument(scanning: text)
        return (try Envelope.decode(document), document)
    }

    private func id(_ text: String) throws -> String? {
        let (envelope, document) = try parse(text)
        return try OperationArguments.transactionID(envelope, document).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func `a request names its transaction beside its operation`() throws {
        #expect(try id(#"{"operation": "count", "model": "User", "transaction": "t1"}"#) == "t1")
        #expect(try id(#"{"operation": "count", "model": "User", "transaction": null}"#) == nil)
        #expect(try id(#"{"operation": "$queryRaw", "transaction": "t2", "args": {"query": "x", "id": "no"}}"#) == "t2")
        #expect(try id(#"{"operation": "$transaction.commit", "args": {"id": "t3"}}"#) == "t3")
        #expect(try id(#"{"operation": "$transaction.savepoint", "transaction": "t4", "args": {"id": "t4", "name": "a"}}"#) == "t4")
        #expect(try failure { try id(#"{"operation": "$transaction.commit", "transaction": "a", "args": {"id": "b"}}"#) }.place == "P6005 args.id")
        #expect(try failure { try id(#"{"operation": "$transaction.commit", "args": {"id": 7}}"#) }.place == "P6005 args.id")
        #expect(try failure { try id(#"{"operation": "count", "model": "User", "transaction": 7}"#) }.place == "P2009 transaction")
        #expect(try failure { try id(#"{"operation": "$transaction.begin", "transaction": "a"}"#) }.place == "P2009 transaction")
    }

    @Test func `a beginning has Prisma's time limits unless it says others`() throws {
        func beginning(_ args: String) throws -> OperationArguments.Beginning {
            let (envelope, document) = try parse(#"{"operation": "$transaction.begin", "args": \#(args)}"#)
            return try OperationArguments.beginning(envelope, document)
        }
        let plain = try beginning("null")
        #expect(plain.timeoutMilliseconds == 5000 && plain.maxWaitMilliseconds == 2000 && plain.isolation == nil)
        let full = try beginning(#"{"timeout": 1, "maxWait": 0, "isolationLevel": "Serializable"}"#)
        #expect(full.timeoutMilliseconds == 1 && full.maxWaitMilliseconds == 0 && full.isolation == "Serializable")
        #expect(try failure { try beginning(#"{"timeout": 86400001}"#) }.place == "P6005 args.timeout")
        let unknown = try failure { try beginning(#"{"timeOut": 1}"#) }
        #expect(unknown.place == "P6005 args.timeOut" && unknown.message.contains("maxWait"))
    }

    @Test(arguments: [
        "COMMIT", "  \n\tCommit;", "/* a /* b */ */ -- c\r\n END", ";;ROLLBACK", "abort", "begin", "START TRANSACTION", "savepoint a",
        "RELEASE a", "PREPARE/**/TRANSACTION 'x'", "rollback to savepoint a",
    ])
    func `SQL that controls transactions is known`(text: String) throws {
        let isControl = try raw(text)
        #expect(isControl)
    }

    @Test(arguments: [
        "SELECT 1", "", "--", "/*", "PREPARE a AS SELECT 1", "PREPARE transactional AS SELECT 1", "committed", "'commit'", "\"end\"", "(SELECT 1)", "é",
        "WITH commit AS (SELECT 1) SELECT 1",
    ])
    func `other SQL is left alone`(text: String) throws {
        let isControl = try raw(text)
        #expect(!isControl)
    }

    private func raw(_ text: String) throws -> Bool {
        if text.isEmpty { return false }
        var buffer = ByteBuffer()
        buffer.append(jsonString: text)
        let (envelope, document) = try parse(#"{"operation": "$queryRaw", "args": {"query": \#(String(decoding: buffer.bytes, as: UTF8.self))}}"#)
        return try RawQuery.decode(envelope, document).controlsTransaction
    }
}
