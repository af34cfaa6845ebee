import Catalog
import Schema
import Text

/// Whether two descriptions mean one thing, though a schema text and a server word it differently.
enum Alike {
    static func types(_ left: Column, _ right: Column) -> Bool {
        left.isList == right.isList && types(left.type, right.type)
    }

    private static func types(_ left: StorageType, _ right: StorageType) -> Bool {
        switch (left, right) {
        // Why the name alone may do: `Unsupported("interval")` is what an `interval(3)` is pulled as.
        case (.other(let name, let first), .other(let other, let second)):
            Self.expressions(first, second) || name.isExactly(other) && (first.isExactly(name) || second.isExactly(other))
        // Why: the schema may name a type as `Unsupported` that it has a word for, and an enum of a schema that it does not list.
        case (.other(let name, _), .enumeration(let type)), (.enumeration(let type), .other(let name, _)): type.name.isExactly(name)
        default: left == right
        }
    }

    /// - Parameters:
    ///   - current: the column as it is.
    ///   - wanted: as it should be. `dbgenerated()` there is whatever the column has.
    static func defaults(_ current: Column, _ wanted: Column) -> Bool {
        if current.isAutoincrement || wanted.isAutoincrement { return current.isAutoincrement == wanted.isAutoincrement }
        if current.generation != nil { return true }
        switch (current.defaultValue, wanted.defaultValue) {
        case (nil, nil), (_, .anything?): return true
        case (nil, _), (_, nil): return false
        case (.now?, .now?): return true
        case (.constant(let left)?, .constant(let right)?): return constants(left, right)
        case (.list(let left)?, .list(let right)?): return left.count == right.count && zip(left, right).allSatisfy { constants($0, $1) }
        case (_, .expression(let text)?):
            return current.defaultText.map { expressions($0, text) } ?? (current.defaultValue == wanted.defaultValue)
        case (.expression(let text)?, .constant(.text(let constant))?) where ExpressionText.isConstant(text, constant): return true
        case (.expression(let text)?, _): return DDL(isQualified: false).defaultText(of: wanted).map { expressions(text, $0) } ?? false
        default: return false
        }
    }

    private static func constants(_ left: Constant, _ right: Constant) -> Bool {
        switch (left, right) {
        case (.number(let first), .number(let second)): ExpressionText.number(first).isExactly(ExpressionText.number(second))
        case (.text(let first), .text(let second)): first.isExactly(second) || JSONText.areSame(first, second)
        default: left == right
        }
    }

    /// Whether two expressions differ at most by what a server adds when it writes one down.
    static func expressions(_ left: String, _ right: String) -> Bool { ExpressionText.areSame(left, right) }
}
