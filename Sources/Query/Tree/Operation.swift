import Text

/// What a request asks for.
package enum Operation: Sendable, Equatable {
    case read(Request.Operation)
    case write(Write)
    case invalidate
    case invalidateAll
    case installTriggers
    case removeTriggers
    case queryRaw
    case executeRaw
    /// A list of reads and writes that happen together or not at all.
    case transaction
    /// The beginning, a step or the end of an interactive transaction.
    case transactionStep(TransactionStep)
    case metrics
    case connect
    case advanceClock
    /// Takes the events of the log.
    case takeLog
    /// Describes the data model, for bindings.
    case schema
    /// Compares the schema with the database, or makes one from the other.
    case schemaTool(SchemaTool)

    package enum Write: String, Sendable, CaseIterable {
        case create, createMany, createManyAndReturn, update, updateMany, updateManyAndReturn, upsert, delete, deleteMany
    }

    package enum SchemaTool: Sendable { case check, pull, diff, push, deploy }

    package enum TransactionStep: Sendable {
        case begin, commit, rollback, savepoint, rollbackTo, release
    }

    /// True if it is a step of an interactive transaction.
    package var isStep: Bool { if case .transactionStep = self { true } else { false } }
    package var isInvalidation: Bool { self == .invalidate || self == .invalidateAll }

    /// True if it uses names of the schema, or asks whether the client is ready. Reads are not included, because the cache may answer them.
    package var reliesOnSchema: Bool {
        switch self {
        case .write, .transaction, .transactionStep(.begin), .connect: true
        default: false
        }
    }

    /// True if the request may carry the id of an interactive transaction.
    var mayStandInTransaction: Bool {
        switch self {
        case .read, .write, .queryRaw, .executeRaw, .invalidate, .invalidateAll: true
        case .transactionStep(let step): step != .begin
        default: false
        }
    }

    /// True if the request names a model.
    package var hasModel: Bool {
        switch self {
        case .read, .write: true
        default: false
        }
    }

    /// All names, in the order in which an error lists them.
    package static let names = table.map { "\($0.name)" }

    /// Returns the operation of that name, compared byte by byte. Nil when there is none.
    static func named(_ text: UnsafeRawBufferPointer) -> Operation? {
        for entry in table where text.equals(entry.name) { return entry.operation }
        return nil
    }

    // Why a list: the names are few, and length or first bytes tell most of them apart.
    private static let table: [(name: StaticString, operation: Operation)] = [
        ("findUnique", .read(.findUnique)), ("findUniqueOrThrow", .read(.findUniqueOrThrow)),
        ("findFirst", .read(.findFirst)), ("findFirstOrThrow", .read(.findFirstOrThrow)), ("findMany", .read(.findMany)),
        ("count", .read(.count)), ("aggregate", .read(.aggregate)), ("groupBy", .read(.groupBy)),
        ("create", .write(.create)), ("createMany", .write(.createMany)),
        ("createManyAndReturn", .write(.createManyAndReturn)), ("update", .write(.update)), ("updateMany", .write(.updateMany)),
        ("updateManyAndReturn", .write(.updateManyAndReturn)), ("upsert", .write(.upsert)), ("delete", .write(.delete)),
        ("deleteMany", .write(.deleteMany)), ("$accelerate.invalidate", .invalidate),
        ("$accelerate.invalidateAll", .invalidateAll), ("$accelerate.installTriggers", .installTriggers),
        ("$accelerate.removeTriggers", .removeTriggers), ("$queryRaw", .queryRaw), ("$executeRaw", .executeRaw),
        ("$transaction", .transaction), ("$transaction.begin", .transactionStep(.begin)),
        ("$transaction.commit", .transactionStep(.commit)), ("$transaction.rollback", .transactionStep(.rollback)),
        ("$transaction.savepoint", .transactionStep(.savepoint)), ("$transaction.rollbackTo", .transactionStep(.rollbackTo)),
        ("$transaction.release", .transactionStep(.release)), ("$metrics", .metrics), ("$connect", .connect), ("$clock.advance", .advanceClock),
        ("$schema", .schema), ("$schema.check", .schemaTool(.check)), ("$schema.pull", .schemaTool(.pull)), ("$schema.diff", .schemaTool(.diff)),
        ("$schema.push", .schemaTool(.push)), ("$schema.deploy", .schemaTool(.deploy)), ("$log.take", .takeLog),
    ]
}

extension UnsafeRawBufferPointer {
    /// True if these are the bytes of `text`.
    @inline(__always)
    func equals(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        for offset in 0..<count where self[offset] != text.utf8Start[offset] { return false }
        return true
    }

    func equals(_ other: UnsafeRawBufferPointer) -> Bool { count == other.count && elementsEqual(other) }
}
