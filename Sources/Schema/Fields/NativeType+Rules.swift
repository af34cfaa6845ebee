// Which scalar a native type of PostgreSQL holds, and what arguments it takes.
extension NativeType.Name {
    /// The range of an Int that is stored as this type. Without a type it is stored as `integer`.
    package static func wholeRange(_ name: NativeType.Name?) -> ClosedRange<Int64> {
        switch name {
        case .smallInt?: -32_768...32_767
        case .oid?: 0...4_294_967_295
        default: -2_147_483_648...2_147_483_647
        }
    }

    package var scalar: ScalarType {
        switch self {
        case .text, .char, .varChar, .citext, .uuid, .xml, .inet, .bit, .varBit: .string
        case .boolean: .boolean
        case .smallInt, .integer, .oid: .int
        case .bigInt: .bigInt
        case .real, .doublePrecision: .float
        case .decimal, .money: .decimal
        case .timestamp, .timestamptz, .date, .time, .timetz: .dateTime
        case .json, .jsonB: .json
        case .byteA: .bytes
        }
    }

    /// Returns true if a type takes these arguments. Nil is an argument that is not a number.
    func takes(_ arguments: [Int?]) -> Bool {
        switch self {
        case .char, .varChar, .bit, .varBit, .timestamp, .timestamptz, .time, .timetz:
            arguments.count <= 1 && arguments.allSatisfy { $0 != nil }
        case .decimal: (arguments.isEmpty || arguments.count == 2) && arguments.allSatisfy { $0 != nil }
        default: true
        }
    }

    /// One range for each argument. All arguments may be left out.
    var argumentRanges: [ClosedRange<Int>] {
        switch self {
        case .char, .varChar: [1...10_485_760]
        case .bit, .varBit: [1...83_886_080]
        case .decimal: [1...1000, 0...1000]
        case .timestamp, .timestamptz, .time, .timetz: [0...6]
        default: []
        }
    }
}
