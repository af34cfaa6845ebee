import Schema
import Text

/// Compares columns: whether they mean one thing, though a schema text and a server word it differently.
///
/// What the words do not settle is a question to the server. A first comparison collects the questions and takes the columns as different;
/// a second one is made with the answers.
package struct ColumnComparison: Sendable {
    /// What is known to be the same.
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

    /// Whether the words alone say that both have one type.
    package static func areWordedAlike(_ left: Column, _ right: Column) -> Bool {
        left.isList == right.isList && areWordedAlike(left.type, right.type)
    }

    private static func areWordedAlike(_ left: StorageType, _ right: StorageType) -> Bool {
        switch (left, right) {
        // Why the name alone may do: `Unsupported("interval")` is what an `interval(3)` is pulled as.
        case (.other(let name, let first), .other(let other, let second)):
            ExpressionText.areSame(first, second) || name.isExactly(other) && (first.isExactly(name) || second.isExactly(other))
        // Why: the schema may name a type as `Unsupported` that it has a word for, and an enum of a schema that it does not list.
        case (.other(let name, _), .enumeration(let type)), (.enumeration(let type), .other(let name, _)): type.name.isExactly(name)
        // Why: `@db.Char` is what a `bpchar` without a length is pulled as, and PostgreSQL makes `char(1)` of it.
        case (.native(let first), .native(let second)) where first.name == .char && second.name == .char:
            first == second || first.arguments.isEmpty && second.arguments == [1] || second.arguments.isEmpty && first.arguments == [1]
        default: left == right
        }
    }

    private static func text(of column: Column) -> String { DDL(isQualified: true).type(of: column) }

    // MARK: Defaults

    /// - Parameters:
    ///   - current: the column as it is.
    ///   - wanted: as it should be. `dbgenerated()` there is whatever the column has.
    package mutating func haveSameDefault(_ current: Column, _ wanted: Column, in table: ObjectName) -> Bool {
        if current.isAutoincrement || wanted.isAutoincrement { return current.isAutoincrement == wanted.isAutoincrement }
        if current.generation != nil || wanted.generation != nil { return haveSameGeneration(current, wanted, in: table) }
        if Self.areDefaultsWordedAlike(current, wanted) { return true }
        guard let left = current.defaultText ?? Self.defaultText(of: current), let right = wanted.defaultText ?? Self.defaultText(of: wanted)
        else { return false }
        return ask(.value(left, right, type: Self.text(of: current)))
    }

    /// Whether a generated column is what a schema wants. What a schema does not speak of is no difference.
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
