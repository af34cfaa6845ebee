import Text

/// The structure of a database, or of some of its schemas: what Prisma's schema language can express, and what it leaves out.
///
/// It has two sources. `CatalogReader` reads a server's catalog; `Database.init(wantedBy:)` makes what a schema text asks for.
package struct Database: Sendable, Equatable {
    /// The schemas that it describes.
    package var schemas: [String] = []
    /// The schema of models that name none.
    package var defaultSchema = "public"
    /// `server_version_num`, such as 150004. 0 for the structure of a schema text.
    package var serverVersion = 0
    /// Sorted by name, like all lists below. Tables and enums of a schema text are in the order of the text.
    package var enums: [EnumType] = []
    package var tables: [Table] = []
    package var views: [View] = []
    package var sequences: [Sequence] = []
    package var extensions: [Extension] = []
    /// Names of schemas, and of tables and views, that the connecting role cannot use.
    package var unusableSchemas: [String] = []
    package var unreadable: [ObjectName] = []

    package init() {}

    /// True for the structure of a schema text, false for that of a server.
    package var isOfText: Bool { serverVersion == 0 }

    package func table(_ name: ObjectName) -> Table? { tables.first { $0.name == name } }
    package func enumType(_ name: ObjectName) -> EnumType? { enums.first { $0.name == name } }
}

/// The name of a table, type or sequence, with its schema. Names are compared byte by byte.
package struct ObjectName: Sendable, Hashable, Comparable, CustomStringConvertible {
    package var schema: String
    package var name: String

    package init(_ name: String, in schema: String) {
        self.schema = schema
        self.name = name
    }

    /// `public.User`, for messages.
    package var description: String { schema + "." + name }

    package static func == (left: ObjectName, right: ObjectName) -> Bool {
        left.name.isExactly(right.name) && left.schema.isExactly(right.schema)
    }

    package static func < (left: ObjectName, right: ObjectName) -> Bool {
        left.schema.isExactly(right.schema) ? ExactString(left.name) < ExactString(right.name) : ExactString(left.schema) < ExactString(right.schema)
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(ExactString(schema))
        hasher.combine(ExactString(name))
    }
}

/// Sorts by keys that are positions.
///
/// Why one function: the standard library's sort is compiled again for each type and comparison, up to 10 KB each time.
package enum KeyOrder {
    @inline(never)
    package static func positions(_ keys: [ObjectName]) -> [Int] {
        keys.indices.sorted { keys[$0] < keys[$1] || keys[$0] == keys[$1] && $0 < $1 }
    }

    @inline(never)
    package static func positions(_ keys: [Int]) -> [Int] { keys.indices.sorted { (keys[$0], $0) < (keys[$1], $1) } }
}

extension Array {
    package mutating func sort(byKey key: (Element) -> ObjectName) {
        let list = self
        self = KeyOrder.positions(list.map(key)).map { list[$0] }
    }

    package mutating func sort(byNumber key: (Element) -> Int) {
        let list = self
        self = KeyOrder.positions(list.map(key)).map { list[$0] }
    }
}

/// An enum type.
package struct EnumType: Sendable, Equatable {
    package var name: ObjectName
    /// In the enum's sort order.
    package var labels: [String]
    package var comment: String?

    package init(_ name: ObjectName, labels: [String], comment: String? = nil) {
        self.name = name
        self.labels = labels
        self.comment = comment
    }
}

/// A view or a materialized view.
package struct View: Sendable, Equatable {
    package var name: ObjectName
    package var isMaterialized = false
    package var columns: [Column] = []
    package var comment: String?
    package var isOfExtension = false

    package init(_ name: ObjectName) { self.name = name }
}

/// A sequence.
package struct Sequence: Sendable, Equatable {
    package var name: ObjectName
    /// `integer`, `bigint` or `smallint`.
    package var type: String
    package var start: Int64
    package var increment: Int64
    package var minimum: Int64
    package var maximum: Int64
    package var cache: Int64
    package var cycles: Bool
    /// The column that the sequence is dropped with: `OWNED BY`, or an identity column.
    package var owner: (table: ObjectName, column: String)?

    /// The options that `CREATE SEQUENCE` would have to name, in SQL.
    var unusualOptions: [String] {
        let most: Int64 = type == "smallint" ? 32_767 : type == "integer" ? 2_147_483_647 : .max
        // Why the signs: a sequence that counts down begins at -1 and ends at its type's least number.
        let (least, first, last) = increment > 0 ? (1, 1, most) : (-most - 1, Int64(-1), Int64(-1))
        var options: [String] = []
        if increment != 1 { options.append("INCREMENT \(increment)") }
        if minimum != least { options.append("MINVALUE \(minimum)") }
        if maximum != last { options.append("MAXVALUE \(maximum)") }
        if start != first { options.append("START \(start)") }
        if cache != 1 { options.append("CACHE \(cache)") }
        if cycles { options.append("CYCLE") }
        return options
    }

    package static func == (left: Sequence, right: Sequence) -> Bool {
        left.name == right.name && left.type == right.type && left.start == right.start && left.increment == right.increment
            && left.minimum == right.minimum && left.maximum == right.maximum && left.cache == right.cache && left.cycles == right.cycles
            && left.owner?.table == right.owner?.table && left.owner?.column == right.owner?.column
    }
}

/// An installed extension.
package struct Extension: Sendable, Equatable {
    package var name: String
    package var schema: String
    package var version: String
}
