import Query
import Schema
import Text

/// The failures of writes, under Prisma's codes.
extension Failure {
    /// A failure that was found after the write had been committed.
    var afterCommit: Failure { afterCommit("The write itself has taken effect.") }

    /// The detour that helps, where the server refused a statement because the database lacks something.
    var detour: WriteDetours? {
        // ON CONFLICT: no unique index is over the key, or only one that is partial (42P10) or deferrable (55000). Or it would move the row to
        // another partition, which an update by itself may do (0A000).
        if sqlState == "42P10" || sqlState == "55000" || sqlState == "0A000" { return .conflictsByHand }
        // Rights to some columns do not include `tableoid`.
        if sqlState == "42501" { return .keysAlone }
        guard sqlState == "42703", case .text(let column)? = meta.first(where: { $0.key == "column" })?.value else { return nil }
        return column.hasSuffix("tableoid") ? .keysAlone : nil
    }

    /// A record that the write depends on does not exist.
    static func requiredRecord(_ cause: String) -> Failure {
        Failure(
            .notFound, code: "P2025",
            "An operation failed because it depends on one or more records that were required but not found. \(cause)",
            meta: [("cause", .text(cause))])
    }

    /// A record has NULL where others would refer to it.
    static func noKey(_ model: String, _ field: String, _ relation: Relation) -> Failure {
        requiredRecord(
            "The '\(model)' record has NULL in '\(field)', which the relation '\(relation.name)' refers to: no record can be related to it. Set '\(field)' first."
        )
    }

    /// `connect` on a join table names a record that is not there.
    static func linkedRecords(wanted: Int, found: Int) -> Failure {
        requiredRecord("Expected \(wanted) records to be connected, found only \(found).")
    }

    /// `connect` on records that hold the key names one that is not there.
    static func connectedRecords(on relation: String, wanted: Int, found: Int) -> Failure {
        let details = "Expected \(wanted) records to be connected after connect operation on \(relation), found \(found)."
        return Failure(
            .notFound, code: "P2018", "The required connected records were not found. \(details)", meta: [("details", .text(details))])
    }

    static func notConnected(_ relation: Relation, parent: String, child: String) -> Failure {
        Failure(
            .notFound, code: "P2017",
            "The records for relation `\(relation.name)` between the `\(parent)` and `\(child)` models are not connected.",
            meta: [("relation_name", .text(relation.name)), ("parent_name", .text(parent)), ("child_name", .text(child))])
    }

    /// Two relations share a column, and their records differ in its value.
    static func sharedKey(_ model: String, _ field: String) -> Failure {
        Failure(
            .constraint, code: "P2014",
            "Relations of '\(model)' share the field '\(field)', and the records that they are to lead to differ in it. Connect records that agree.",
            meta: [("modelName", .text(model)), ("field_name", .text(field))])
    }

    static func requiredRelation(_ relation: Relation, _ modelA: String, _ modelB: String) -> Failure {
        Failure(
            .constraint, code: "P2014",
            "The change you are trying to make would violate the required relation '\(relation.name)' between the `\(modelA)` and `\(modelB)` models.",
            meta: [("relation_name", .text(relation.name)), ("model_a_name", .text(modelA)), ("model_b_name", .text(modelB))])
    }
}

extension WriteExecutor {
    /// Returns the name of a relation between two models: `one-to-many relation 'Author'`.
    func kind(_ write: Int, of model: Int) -> String {
        guard let relation = relation(write, of: model) else { return "relation" }
        let isMany = field(write, of: model).arity == .list
        let isManyBack = field(relation.oppositeField, of: relation.model).arity == .list
        let kind = isMany && isManyBack ? "many-to-many" : isMany || isManyBack ? "one-to-many" : "one-to-one"
        return "\(kind) relation '\(relation.name)'"
    }

    func missing(_ step: String, _ write: Int, of model: Int) -> Failure {
        let child = relation(write, of: model).map { name(of: $0.model) } ?? ""
        return .requiredRecord("No '\(child)' record was found for a nested \(step) on \(kind(write, of: model)).")
    }
}
