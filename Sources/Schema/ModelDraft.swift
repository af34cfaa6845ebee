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

    func field(named name: String) -> Int? { model.fieldIndex[name] }

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
}

/// `@id @@id @unique @@unique @@index @@fulltext`, its fields resolved.
struct KeyDraft {
    enum Kind: String {
        case id = "id"
        case unique = "unique"
        case index = "index"
        case fulltext = "fulltext"
    }
    var kind: Kind
    /// Positions in `ModelDraft.fields`.
    var fields: [Int]
    /// What the text calls it (`name:`).
    var givenName: String?
    /// What the database calls it (`map:`).
    var constraintName: String?
    /// `where:`: unique among some of the rows only.
    var isPartial: Bool
    /// Whether it stands on a line of its own (`@@`).
    var isModelLevel = false
    var offset: Int

    var isUnique: Bool { kind == .id || kind == .unique }
}
