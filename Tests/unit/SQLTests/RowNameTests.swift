import Query
import Schema
import Testing
import Text

@testable import SQL

/// What automatic invalidation is told: which row a read depends on, which rows a write changes, and where actions of relations lead.
@Suite struct RowNameTests {
    private static let text = """
        datasource db { provider = "postgresql" }
        model A {
          id    Int     @id
          email String  @unique
          token String? @unique @db.Uuid
          price Decimal @unique
          flag  Boolean
          n     BigInt
          bs    B[]
          @@unique([flag, n])
        }
        model B {
          id   Int  @id
          aId  Int?
          a    A?   @relation(fields: [aId], references: [id], onDelete: SetNull)
          cs   C[]
        }
        model C {
          id  Int @id
          bId Int @unique
          b   B   @relation(fields: [bId], references: [id], onDelete: Cascade, onUpdate: Restrict)
          ds  D[]
        }
        model D {
          id    Int @id
          other Int
          c     C   @relation(fields: [other], references: [bId], onDelete: Cascade)
        }
        """
    private let schema: Schema
    private let settings = SQLSettings()

    init() throws { schema = try Schema.parse(Self.text) }

    private func name(_ key: RowKey, _ values: String?...) -> [UInt8]? {
        let texts = values.map { $0.map { Array($0.utf8) } }
        return withExtendedLifetime(texts) {
            let copies = texts.map { bytes in bytes.map { UnsafeMutableRawBufferPointer.copied($0) } }
            defer { for copy in copies { copy?.deallocate() } }
            return key.name { copies[$0].map { UnsafeRawBufferPointer($0) } }
        }
    }

    @Test func `keys whose values are equal when their texts are name rows, others do not`() {
        #expect(schema.rowKeys(of: 0, settings).map(\.columns) == [["id"], ["email"], ["token"], ["flag", "n"]])
        #expect(RowKeyTable(schema, settings).fields(of: 0).map { schema.models[0].fields[$0].name } == ["id", "email", "token", "flag", "n"])
    }

    @Test func `a name is that of one row of one key`() throws {
        let keys = schema.rowKeys(of: 0, settings)
        #expect(name(keys[0], "1") == name(keys[0], "1"))
        #expect(name(keys[0], "1") != name(keys[0], "2"))
        #expect(name(keys[0], "1") != name(keys[1], "1"))
        #expect(name(keys[1], nil) == nil)
        #expect(name(keys[3], "t", "12") == name(keys[3], "true", "12"))
        #expect(name(keys[3], "t", "12") != name(keys[3], "f", "12"))
        #expect(
            name(keys[2], "{A0EEBC99-9C0B4EF8BB6D6BB9BD380A11}") == name(keys[2], "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"))
        let other = SQLSettings(defaultSchema: "app")
        #expect(name(schema.rowKeys(of: 0, other)[0], "1") != name(keys[0], "1"))
    }

    private func reach(_ model: Int, _ fields: [String]?) -> [String] {
        let indexes = fields.map { names in Set(names.compactMap { schema.models[model].position(ofField: $0) }) }
        return CascadeClosure(from: model, by: indexes, schema, settings).tables.sorted().map(\.text)
    }

    @Test func `a deletion reaches as far as the actions do`() {
        #expect(reach(0, nil) == ["B"])
        #expect(reach(1, nil) == ["C", "D"])
        #expect(reach(3, nil) == [])
    }

    @Test func `an update reaches those that hold what changes`() {
        #expect(reach(0, ["email"]) == [])
        #expect(reach(0, ["id"]) == ["B"])
        #expect(reach(1, ["id"]) == [])
        #expect(reach(2, ["bId"]) == ["D"])
    }

    @Test func `what was reached in one way is reached again in a farther one`() throws {
        let schema = try Schema.parse(
            """
            datasource db { provider = "postgresql" }
            model P { id Int @id
              first Q[] @relation("first")
              second Q[] @relation("second") }
            model Q { id Int @id
              aId Int?
              a P? @relation("first", fields: [aId], references: [id], onDelete: SetNull)
              bId Int
              b P @relation("second", fields: [bId], references: [id], onDelete: Cascade)
              rs R[] }
            model R { id Int @id
              qId Int
              q Q @relation(fields: [qId], references: [id], onDelete: Cascade) }
            """)
        #expect(CascadeClosure(from: 0, by: nil, schema, settings).tables == ["Q", "R"])
    }

    private func rowIdentifier(changed: [String], pinned: [String]) -> RowIdentifier? {
        let keys = RowKeyTable(schema, settings)
        func indexes(_ names: [String]) -> [Int] { names.compactMap { schema.models[0].position(ofField: $0) } }
        var slots: [Int: Int] = [:]
        for field in indexes(pinned) { slots[field] = field }
        return RowIdentifier(
            keys.keys(of: 0), table: "A", keys.fields(of: 0), from: 0, changed: Set(indexes(changed)), pinned: slots)
    }

    @Test func `a row is named as it is and as it was, or not at all`() {
        #expect(rowIdentifier(changed: [], pinned: [])?.names.count == 4)
        #expect(rowIdentifier(changed: ["price"], pinned: [])?.names.count == 4)
        #expect(rowIdentifier(changed: ["email"], pinned: ["email"])?.names.count == 5)
        #expect(rowIdentifier(changed: ["email"], pinned: ["id"]) == nil)
        #expect(rowIdentifier(changed: ["flag"], pinned: ["flag"])?.names.count == 5)
        #expect(rowIdentifier(changed: ["flag", "n"], pinned: ["flag"]) == nil)
    }
}

extension UnsafeMutableRawBufferPointer {
    fileprivate static func copied(_ bytes: [UInt8]) -> UnsafeMutableRawBufferPointer {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: Swift.max(bytes.count, 1), alignment: 1)
        copy.copyBytes(from: bytes)
        return UnsafeMutableRawBufferPointer(rebasing: copy[..<bytes.count])
    }
}
