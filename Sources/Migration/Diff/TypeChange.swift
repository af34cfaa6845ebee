import Catalog
import Schema

/// What happens to the values of a column whose type changes.
enum TypeChange {
    /// Every value fits the new type.
    case safe
    /// A value may not fit, or may lose digits. The statement then fails, or the excess is lost.
    case risky
    /// PostgreSQL has no cast. The column is dropped and created again.
    case impossible

    /// - Parameters: the column before and after. Their types differ.
    static func between(_ old: Column, _ new: Column) -> TypeChange {
        // A list becomes the text that PostgreSQL writes for it.
        if old.isList != new.isList { return old.isList && isPlainText(new) ? .risky : .impossible }
        switch (old.type, new.type) {
        case (.native(let first), .native(let second)): return between(first.completed, second.completed)
        case (.enumeration, .native(let second)) where isText(second), (.other, .native(let second)) where isText(second):
            return toText(second.completed, longest: nil)
        default: return .impossible
        }
    }

    private static func isPlainText(_ column: Column) -> Bool {
        guard case .native(let type) = column.type else { return false }
        return type.name == .text || type.name == .varChar && type.arguments.isEmpty
    }

    private static func between(_ old: NativeType, _ new: NativeType) -> TypeChange {
        if isText(new) {
            return toText(new, longest: longest(old))
        }
        if old.name == new.name { return withinType(old, new) }
        if let from = integerRank(old.name), let to = integerRank(new.name) { return from < to ? .safe : .risky }
        switch (old.name, new.name) {
        case (.smallInt, .real), (.smallInt, .doublePrecision), (.integer, .doublePrecision), (.real, .doublePrecision): return .safe
        case (.smallInt, .decimal), (.integer, .decimal), (.bigInt, .decimal): return fits(digits: longest(old) ?? 20, new)
        case (.integer, .real), (.bigInt, .real), (.bigInt, .doublePrecision), (.doublePrecision, .real): return .risky
        case (.real, _), (.doublePrecision, _), (.decimal, _):
            return integerRank(new.name) != nil || [.real, .doublePrecision, .decimal].contains(new.name) || new.name == .money && old.name == .decimal
                ? .risky : .impossible
        case (.money, .decimal), (.smallInt, .money), (.integer, .money), (.bigInt, .money): return .risky
        case (.integer, .oid), (.bigInt, .oid): return .risky
        case (.oid, .integer), (.oid, .bigInt): return .risky
        case (.date, .timestamp), (.date, .timestamptz), (.time, .timetz), (.json, .jsonB), (.jsonB, .json): return .safe
        case (.timestamp, .timestamptz), (.timestamptz, .timestamp): return (new.arguments.first ?? 6) < (old.arguments.first ?? 6) ? .risky : .safe
        case (.timestamp, .date), (.timestamptz, .date), (.timestamp, .time), (.timestamptz, .time), (.timestamptz, .timetz), (.timetz, .time):
            return .risky
        case (.bit, .varBit): return (new.arguments.first ?? .max) >= (old.arguments.first ?? 1) ? .safe : .risky
        case (.varBit, .bit): return .risky
        default: return .impossible
        }
    }

    private static func isText(_ type: NativeType) -> Bool { [.text, .varChar, .char, .citext].contains(type.name) }

    private static func integerRank(_ name: NativeType.Name) -> Int? {
        switch name {
        case .smallInt: 0
        case .integer: 1
        case .bigInt: 2
        default: nil
        }
    }

    /// Compares the arguments of one type: `varchar(40)` → `varchar(20)`, `numeric(10,2)` → `numeric(12,2)`.
    private static func withinType(_ old: NativeType, _ new: NativeType) -> TypeChange {
        switch old.name {
        case .decimal:
            guard old.arguments.count == 2, new.arguments.count == 2 else { return new.arguments.isEmpty ? .safe : .risky }
            let isWider = new.arguments[1] >= old.arguments[1] && new.arguments[0] - new.arguments[1] >= old.arguments[0] - old.arguments[1]
            return isWider ? .safe : .risky
        // Why: PostgreSQL converts no value of another length.
        case .bit: return .impossible
        default:
            guard let size = new.arguments.first else { return .safe }
            return old.arguments.first.map { $0 <= size } == true ? .safe : .risky
        }
    }

    private static func fits(digits: Int, _ type: NativeType) -> TypeChange {
        guard type.arguments.count == 2 else { return .safe }
        return type.arguments[0] - type.arguments[1] >= digits - 1 ? .safe : .risky
    }

    private static func toText(_ type: NativeType, longest: Int?) -> TypeChange {
        guard type.name != .text, type.name != .citext, let size = type.arguments.first else { return .safe }
        // Why not `char`: it is padded with spaces, so the value changes.
        return type.name == .varChar && longest.map { $0 <= size } == true ? .safe : .risky
    }

    /// Number of characters of the type's longest value, with its sign. Nil if there is no limit.
    private static func longest(_ type: NativeType) -> Int? {
        switch type.name {
        case .smallInt: 6
        case .integer: 11
        case .bigInt: 20
        case .boolean: 5
        case .uuid: 36
        case .varChar, .char, .bit, .varBit: type.arguments.first
        default: nil
        }
    }
}
