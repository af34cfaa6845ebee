/// What an answer looks like: which columns of which result stand under which names.
///
/// A plan carries it from the compiler of statements to the writer of rows. Results are numbered as the plan's statements are.
package struct RowShape: Sendable {
    package enum Root: Sendable {
        /// `[…]`, a record for each row of the result; the last row first when reversed.
        case list(Record, result: Int, isReversed: Bool)
        /// The first row, or `null`.
        case first(Record, result: Int)
        /// The first row. An empty result is the failure P2025.
        case required(Record, result: Int)
        /// One column of the one row: the bare number that `count` answers.
        case value(Column, result: Int)
    }

    package var root: Root

    package init(_ root: Root) { self.root = root }

    /// A column of a row, and how its value is written.
    package struct Column: Sendable {
        package var index: Int
        package var form: ValueForm

        package init(_ index: Int, _ form: ValueForm) {
            self.index = index
            self.form = form
        }
    }

    /// A JSON object made from one row, and from rows of other results that belong to it.
    package final class Record: Sendable {
        package let members: [Member]
        /// `[…]`, the members without their names.
        package let isTuple: Bool

        package init(_ members: [Member], isTuple: Bool = false) {
            self.members = members
            self.isTuple = isTuple
        }
    }

    package struct Member: Sendable {
        /// `"name":`, with quotes and colon, ready to be copied.
        package let label: [UInt8]
        package let content: Content

        package init(_ name: String, _ content: Content) {
            var buffer = ByteBuffer(capacity: 32)
            buffer.append(jsonString: name)
            buffer.append(UInt8(ascii: ":"))
            label = Array(buffer.bytes)
            self.content = content
        }
    }

    package enum Content: Sendable {
        case column(Column)
        /// An object over the same row: `"_count": {…}`.
        case group(Record)
        /// A related record whose columns stand in the same row; `null` when the column `presence` is NULL.
        case toOne(Record, presence: Int)
        /// The same from another result: its first row whose columns `matching` hold the same bytes as the columns `keys` of this row.
        case related(Record, result: Int, keys: [Int], matching: [Int])
        /// The matching rows of another result, in its order or reversed. A row matches when its columns `matching` hold the same bytes as
        /// the columns `keys` of this row. Neither side is NULL where rows match.
        ///
        /// `areOwnColumns`: the columns `matching` belong to the related table, instead of repeating the parent's. They then have to be
        /// integers, which match whatever their width, or UUIDs. Equal values of other types may have different bytes.
        case toMany(Record, result: Int, keys: [Int], matching: [Int], isReversed: Bool, areOwnColumns: Bool = false)
    }
}

/// How a value of the database is written in JSON.
package struct ValueForm: Sendable {
    package enum Kind: Sendable {
        case boolean
        /// Any integer type as a JSON number; a numeric, too, when it is a whole one (sums of Ints).
        case integer
        /// Any integer type as a string.
        case bigInt
        /// Any number type as a JSON number.
        case float
        /// Any number type as a string: digits without trailing zeros, no exponent.
        case decimal
        case string
        /// `"2026-01-02T03:04:05.678Z"`, from timestamp, timestamptz, date, time and timetz.
        case dateTime
        /// json or jsonb as it stands.
        case json
        /// bytea as base64.
        case bytes
        /// An enum label under its name in the schema.
        case enumeration(EnumLabels)
        /// The form of the column's own type, for raw queries.
        case automatic
        /// The same for an array whose type is one of the database's own. `elements` is its element type.
        case automaticArray(elements: UInt32)
        /// The same for answers that name their types: dates and times of day stand by themselves. `elements` is the element type of an
        /// array whose type is one of the database's own.
        case typed(elements: UInt32?)
    }
    package var kind: Kind
    /// An array of such values. SQL NULL is then written `[]`, as Prisma does.
    package var isList: Bool
    /// True if moments have microseconds, and floats keep minus zero, NaN and infinities.
    package var isPrecise: Bool

    /// True if the column's type lets each value have its own number of decimals.
    package var hasOwnScale = false

    /// True if numerics keep their trailing zeros: in precise answers, if the schema gives no scale.
    package var isExact: Bool {
        switch kind {
        case .automatic, .automaticArray, .typed: isPrecise
        default: isPrecise && hasOwnScale
        }
    }

    package init(_ kind: Kind, isList: Bool = false, isPrecise: Bool = false) {
        self.kind = kind
        self.isList = isList
        self.isPrecise = isPrecise
    }
}

/// The labels that a database enum uses, each with the JSON text of its name in the schema.
package final class EnumLabels: Sendable {
    package let names: [(label: [UInt8], json: [UInt8])]
    /// The enum's name in the schema.
    package let enumName: String

    package init(_ pairs: [(label: String, name: String)], of enumName: String = "") {
        self.enumName = enumName
        names = pairs.map { pair in
            var buffer = ByteBuffer(capacity: 32)
            buffer.append(jsonString: pair.name)
            return (Array(pair.label.utf8), Array(buffer.bytes))
        }
    }
}
