import Schema
import Text

/// Compares columns by their meaning, although a schema text and a server word them differently.
///
/// What the words do not settle becomes a question for the server. A first comparison collects the questions and takes the columns as
/// different. A second comparison gets the answers.
package struct ColumnComparison: Sendable {
    /// The pairs that are known to be equal.
    private let answers: Equivalences
    package private(set) var questions: Set<Equivalences.Question> = []

    package init(_ answers: Equivalences = Equivalences()) { self.answers = answers }

    private mutating func ask(_ question: Equivalences.Question) -> Bool {
        questions.insert(question)
        return answers.areSame(question)
    }

    // MARK: Types

    package mutating func haveSameType(_ current: Column, _ wanted: Column) -> Bool {
        if Self.areWordedAlike(current, wanted) { return true }
        guard current.isList == wanted.isList, current.type.isOther || wanted.type.isOther else { return false }
        return ask(.type(Self.text(of: current), Self.text(of: wanted)))
    }

    /// True if the words alone show that both types are equal.
    package static func areWordedAlike(_ left: Column, _ right: Column) -> Bool {
        left.isList == right.isList && areWordedAlike(left.type, right.type)
    }

    private static func areWordedAlike(_ left: StorageType, _ right: StorageType) -> Bool {
        switch (left, right) {
        // Why the name alone can be enough: an `interval(3)` is pulled as `Unsupported("interval")`.
        case (.other(let name, let first), .other(let other, let second)):
            ExpressionText.areSame(first, second) || name.isExactly(other) && (first.isExactly(name) || second.isExactly(other))
        case (.native(let native), let other) where other.isSingleByte, (let other, .native(let native)) where other.isSingleByte:
            native.name == .char && (native.arguments.first ?? 1) == 1
        // Why: the schema may use `Unsupported` for a type that has a word, or for an enum of a schema that it does not list.
        case (.other(let name, _), .enumeration(let type)), (.enumeration(let type), .other(let name, _)): type.name.isExactly(name)
        // Why: a `bpchar` without a length is pulled as `@db.Char`, from which PostgreSQL makes `char(1)`.
        case (.native(let first), .native(let second)) where first.name == .char && second.name == .char:
            first == second || first.arguments.isEmpty && second.arguments == [1] || second.arguments.isEmpty && first.arguments == [1]
        case (.native(let first), .native(let second)): first.completed == second.completed
        default: left == right
        }
    }

    private static func text(of column: Column) -> String { DDL(isQualified: true).type(of: column) }

    // MARK: Defaults

    /// - Parameters:
    ///   - current: the column in the database.
    ///   - wanted: the column of the schema. Its `dbgenerated()` matches every default.
    package mutating func haveSameDefault(_ current: Column, _ wanted: Column, in table: ObjectName) -> Bool {
        if case .expression(let text)? = wanted.defaultValue, let own = current.defaultText, ExpressionText.areSame(own, text) { return true }
        if current.isAutoincrement || wanted.isAutoincrement { return current.isAutoincrement == wanted.isAutoincrement }
        if current.generation != nil || wanted.generation != nil { return haveSameGeneration(current, wanted, in: table) }
        if Self.areDefaultsWordedAlike(current, wanted) { return true }
        guard let left = current.defaultText ?? Self.defaultText(of: current), let right = wanted.defaultText ?? Self.defaultText(of: wanted)
        else { return false }
        return ask(.value(left, right, type: Self.text(of: current)))
    }

    /// True if a generated column is what the schema wants. A generation that the schema does not mention is not a difference.
    private mutating func haveSameGeneration(_ current: Column, _ wanted: Column, in table: ObjectName) -> Bool {
        guard let left = current.generation else { return false }
        guard wanted.defaultValue != .anything, let right = wanted.generation ?? Self.defaultText(of: wanted) else { return true }
        return ExpressionText.areSame(left, right) || ask(.rowValue(left, right, type: Self.text(of: current), table: DDL(isQualified: true).name(table)))
    }

    private static func defaultText(of column: Column) -> String? { DDL(isQualified: true).defaultText(of: column) }

    private static func areDefaultsWordedAlike(_ current: Column, _ wanted: Column) -> Bool {
        switch (current.defaultValue, wanted.defaultValue) {
        case (nil, nil), (_, .anything?): return true
        case (nil, _), (_, nil): return false
        case (.now?, .now?): return true
        case (.constant(let left)?, .constant(let right)?): return areSame(left, right, current.type)
        case (.list(let left)?, .list(let right)?): return left.count == right.count && zip(left, right).allSatisfy { areSame($0, $1, current.type) }
        case (_, .expression(let text)?):
            return current.defaultText.map { ExpressionText.areSame($0, text) } ?? (current.defaultValue == wanted.defaultValue)
        case (.expression(let text)?, _): return DDL(isQualified: false).defaultText(of: wanted).map { ExpressionText.areSame(text, $0) } ?? false
        default: return false
        }
    }

    private static func areSame(_ left: Constant, _ right: Constant, _ type: StorageType) -> Bool {
        switch (left, right) {
        case (.number(let first), .number(let second)): ExpressionText.number(first).isExactly(ExpressionText.number(second))
        case (.text(let first), .text(let second)): first.isExactly(second) || type.isJSON && JSONText.areSame(first, second)
        default: left == right
        }
    }
}

extension StorageType {
    fileprivate var isOther: Bool {
        if case .other = self { return true }
        return false
    }

    fileprivate var isJSON: Bool {
        if case .native(let native) = self { return native.name.scalar == .json }
        return false
    }
}
