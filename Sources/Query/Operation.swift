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
    /// Several reads and writes that happen together or not at all.
    case transaction
    case metrics
    case connect
    case advanceClock
    /// The data model, for bindings.
    case schema

    package enum Write: String, Sendable, CaseIterable {
        case create, createMany, createManyAndReturn, update, updateMany, updateManyAndReturn, upsert, delete, deleteMany
    }

    /// Whether the request names a model.
    package var hasModel: Bool {
        switch self {
        case .read, .write: true
        default: false
        }
    }

    /// All names, in the order in which an error lists them.
    package static let names = table.map { "\($0.name)" }

    /// Compares bytes; nil when no operation is called so.
    static func named(_ text: UnsafeRawBufferPointer) -> Operation? {
        for entry in table where text.equals(entry.name) { return entry.operation }
        return nil
    }

    // Why a list: few names, each told apart by its length or its first bytes.
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
        ("$transaction", .transaction), ("$metrics", .metrics), ("$connect", .connect), ("$clock.advance", .advanceClock), ("$schema", .schema),
    ]
}

extension UnsafeRawBufferPointer {
    /// Whether these are the bytes of `text`.
    @inline(__always)
    func equals(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        for offset in 0..<count where self[offset] != text.utf8Start[offset] { return false }
        return true
    }

    func equals(_ other: UnsafeRawBufferPointer) -> Bool { count == other.count && elementsEqual(other) }
}
