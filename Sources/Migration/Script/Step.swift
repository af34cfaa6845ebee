package import Catalog
package import Schema
import Text

/// One step of a migration. Most steps are one statement.
package enum Step: Sendable {
    case createSchema(String)
    case createExtension(String)
    case createEnum(EnumType)
    case addLabels(ObjectName, [NewLabel])
    case replaceEnum(EnumReplacement)
    case dropForeignKey(String, of: ObjectName)
    case dropIndex(TableIndex, of: ObjectName)
    /// The child keeps its columns as its own when its parent is dropped.
    case endInheritance(of: ObjectName, from: ObjectName)
    case renamePrimaryKey(of: ObjectName, from: String, to: String)
    case alterTable(ObjectName, [TableChange])
    case attachSequence(SequenceAttachment)
    case resizeSequence(ObjectName, NativeType)
    case dropSequence(ObjectName)
    case dropTable(ObjectName)
    case dropEnum(ObjectName)
    case createTable(Table)
    case createIndex(TableIndex, on: ObjectName)
    case renameIndex(in: ObjectName, from: String, to: String)
    case renameForeignKey(of: ObjectName, from: String, to: String)
    case addForeignKey(ForeignKey, to: ObjectName)

    /// A label that is added to an enum, and the label that it precedes; nil for the end.
    package struct NewLabel: Sendable {
        package var label: String
        package var next: String?
    }

    /// An enum that loses labels. PostgreSQL has no statement for that, so a new type replaces the old one.
    package struct EnumReplacement: Sendable {
        package var name: ObjectName
        package var labels: [String]
        package var uses: [Use]

        package struct Use: Sendable {
            package var table: ObjectName
            package var column: Column
            /// The default that the column gets back afterwards.
            package var newDefault: ColumnDefault?
        }
    }

    /// A column that becomes autoincrement, starting after its largest value.
    package struct SequenceAttachment: Sendable {
        package var table: ObjectName
        package var column: String
        package var sequence: ObjectName
        /// True if the table's children keep their own default.
        package var isOfTableAlone = false
    }

    package enum TableChange: Sendable {
        case dropPrimaryKey(String)
        case addColumn(Column)
        case dropColumn(String)
        /// Drops a column of this table alone. The tables that inherit from it keep theirs.
        case dropOwnColumn(String)
        case dropDefault(String)
        /// Drops the expression of a generated column. The values stay.
        case dropExpression(String)
        case dropIdentity(String)
        case dropNotNull(String)
        /// Changes the type. Why with the collation: a new type would get its default one.
        case setType(Column, collation: ObjectName?)
        case setNotNull(String)
        case setDefault(Column)
        case addPrimaryKey(PrimaryKey)
        /// One that goes with a column of its own, and comes back with it.
        case addConstraint(OtherConstraint)
    }

    /// The position of a step in the order.
    /// Why this order: keys and indexes are dropped before their columns. Types come before tables, and tables before keys.
    var rank: Int {
        switch self {
        case .createSchema: 0
        case .createExtension: 1
        case .createEnum: 2
        case .dropForeignKey: 3
        case .dropIndex: 4
        case .addLabels, .replaceEnum: 5
        case .renamePrimaryKey, .endInheritance: 6
        case .alterTable: 7
        case .attachSequence, .resizeSequence, .dropSequence: 8
        case .dropTable: 9
        case .dropEnum: 10
        case .createTable: 11
        case .renameIndex: 12
        case .createIndex: 13
        case .renameForeignKey: 14
        case .addForeignKey: 15
        }
    }

    /// What the step does, in Prisma Migrate's words.
    package var title: String {
        switch self {
        case .createSchema: "CreateSchema"
        case .createExtension: "CreateExtension"
        case .createEnum: "CreateEnum"
        case .addLabels, .replaceEnum: "AlterEnum"
        case .dropForeignKey: "DropForeignKey"
        case .dropIndex: "DropIndex"
        case .renamePrimaryKey, .endInheritance, .alterTable: "AlterTable"
        case .attachSequence: "AlterTable"
        case .resizeSequence: "AlterSequence"
        case .dropSequence: "DropSequence"
        case .dropTable: "DropTable"
        case .dropEnum: "DropEnum"
        case .createTable: "CreateTable"
        case .renameIndex: "RenameIndex"
        case .createIndex: "CreateIndex"
        case .renameForeignKey: "RenameForeignKey"
        case .addForeignKey: "AddForeignKey"
        }
    }
}

extension ObjectName {
    var schemaKey: ExactString { ExactString(schema) }
}

extension Step.TableChange {
    var isAddition: Bool {
        if case .addColumn = self { return true }
        return false
    }
}
