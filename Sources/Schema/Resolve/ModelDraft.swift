import Text

/// A model while it is resolved: all of its fields, those too that the finished schema leaves out.
struct ModelDraft {
    let node: ModelNode
    /// Without its fields and keys until the end.
    var model: Model
    var fields: [FieldDraft] = []
    var keys: [KeyDraft] = []
    /// The one that counts, when there are several by mistake the first.
    var primaryKey: KeyDraft?
    /// The fields of each identifier or unique key over all rows, sorted.
    var uniqueFieldSets: Set<[Int]> = []
    var isIgnored = false
    /// Whether a key was written that had to be refused, and so was reported.
    var hasRefusedKey = false
    /// The names of its foreign keys in the database, given or made.
    var foreignKeys: [(name: String, offset: Int)] = []

    func field(named name: String) -> Int? { model.fieldIndex[ExactString(name)] }

    /// Whether exactly these fields, in any order, are an identifier or a unique key over all rows.
    func hasUniqueKey(over positions: [Int]) -> Bool { uniqueFieldSets.contains(positions.sorted()) }
}

/// A field while it is resolved.
struct FieldDraft {
    let node: FieldNode
    /// Its type is `.unsupported("")` while it is not known, and for relations until both sides are.
    var field: Field
    /// The model that a relation leads to (a position in the drafts).
    var target: Int?
    var relation = RelationArguments()
    /// Whether something about it was refused already: no further checks build on it.
    var isFaulty = false
}

/// What `@relation(…)` says, names not resolved.
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
    /// Their fields are positions in `ModelDraft.fields`.
    var columns: [Index.Column]
    /// What requests call it (`name:`).
    var givenName: String?
    /// What the database calls it (`map:`).
    var constraintName: String?
    var type: IndexType?
    /// `where:`: over some of the rows only.
    var isPartial: Bool
    var condition: IndexCondition?
    var offset: Int

    var fields: [Int] { columns.map(\.field) }
    var isUnique: Bool { kind != .normal }
}
