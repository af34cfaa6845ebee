import Text

/// A model while it is resolved, with the fields that the finished schema leaves out.
struct ModelDraft {
    let node: ModelNode
    /// Its fields and keys are added at the end.
    var model: Model
    var fields: [FieldDraft] = []
    var keys: [KeyDraft] = []
    /// The first one, if there are several by mistake.
    var primaryKey: KeyDraft?
    /// The fields of each identifier or unique key over all rows, sorted.
    var uniqueFieldSets: Set<[Int]> = []
    var isIgnored = false
    /// True if one of its keys was refused and reported.
    var hasRefusedKey = false
    /// The names of its foreign keys in the database, given or made.
    var foreignKeys: [(name: String, offset: Int)] = []

    func field(named name: String) -> Int? { model.fieldIndex[ExactString(name)] }

    /// Returns true if an identifier or unique key over all rows has exactly these fields, in any order.
    func hasUniqueKey(over positions: [Int]) -> Bool { uniqueFieldSets.contains(positions.sorted()) }
}

/// A field while it is resolved.
struct FieldDraft {
    let node: FieldNode
    /// Its type is `.unsupported("")` until it is known. A relation's type is known when both sides are.
    var field: Field
    /// The model that a relation leads to: a position in the drafts.
    var target: Int?
    var relation = RelationArguments()
    /// True if something about it was refused. Further checks then leave it out.
    var isFaulty = false
}

/// The arguments of `@relation(…)`, with names that are not resolved.
struct RelationArguments {
    var offset: Int?
    var name: String?
    var fields: [Name]?
    var references: [Name]?
    var onDelete: Name?
    var onUpdate: Name?
    /// `map:`
    var constraintName: String?
    /// Where `map:` stands.
    var constraintOffset: Int?
}

/// `@id @@id @unique @@unique @@index`, its fields resolved.
struct KeyDraft {
    var kind: Index.Kind
    /// Fields are positions in `ModelDraft.fields`.
    var columns: [Index.Column]
    /// Its name in requests (`name:`).
    var givenName: String?
    /// Its name in the database (`map:`).
    var constraintName: String?
    var type: IndexType?
    /// True if it has a `where:`, so it covers only some of the rows.
    var isPartial: Bool
    var condition: IndexCondition?
    var offset: Int

    var fields: [Int] { columns.map(\.field) }
    var isUnique: Bool { kind != .normal }
}
