package import Schema

/// A place for a value: where the request text has it, what it must be, and the form in which PostgreSQL gets it.
package struct Slot: Sendable {
    package enum Form: Sendable, Equatable {
        /// One value, as the text that PostgreSQL reads for its type.
        case value
        /// A list of values, as an array literal.
        case list
        /// A LIKE pattern: `%`, `_` and `\` of the value escaped, `%` put before and after as asked.
        case pattern(before: Bool, after: Bool)
        /// A list of values, each as an escaped LIKE pattern without wildcards: insensitive `in`.
        case patterns
        /// `take` and `skip`: a whole number of 32 bits, its sign dropped.
        case magnitude
        /// Any JSON, as JSON text.
        case json
        /// `path`: a list of strings, as an array literal.
        case jsonPath
    }

    package struct ValueType: Sendable {
        package var scalar: ScalarType
        /// The enum's position in `Schema.enums`; the value is then written as the label in the database. Nil for other types.
        package var enumeration: Int?
        package var nativeType: NativeType?
        /// True for a sum or a number of rows, which is wider than one value of its field: PostgreSQL sums int4 as int8, and int8 as
        /// numeric.
        package var isTotal: Bool
        /// True if the value is stored, and so read later: a float keeps the sign of its zero.
        package var isStored = false
        /// True if answers have words for what a float may hold beside numbers.
        package var hasWords = true

        package init(_ scalar: ScalarType, enumeration: Int? = nil, nativeType: NativeType? = nil, isTotal: Bool = false) {
            self.scalar = scalar
            self.enumeration = enumeration
            self.nativeType = nativeType
            self.isTotal = isTotal
        }
    }

    package var form: Form
    package var type: ValueType
    /// The position of the value in the walk of a text of this shape; see `RequestShape`.
    package var ordinal: Int
    /// The path by which an error names it: `args.where.id.gt`.
    package var path: String

    package init(form: Form, type: ValueType, ordinal: Int, path: String) {
        self.form = form
        self.type = type
        self.ordinal = ordinal
        self.path = path
    }
}
