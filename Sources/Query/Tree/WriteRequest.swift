/// A write that is valid against the schema, without its values.
///
/// Values stand in `slots`, as in a `Request`. Members of `data` keep the order of the text, because nested writes happen in that order.
package struct WriteRequest: Sendable {
    package enum Body: Sendable {
        case create(WriteData, Selection)
        case createMany([WriteData], skipsDuplicates: Bool, returning: Selection?)
        case update(Filter, WriteData, Selection)
        case updateMany(Filter, WriteData, limit: Int?, returning: Selection?)
        case upsert(Filter, create: WriteData, update: WriteData, Selection)
        case delete(Filter, Selection)
        case deleteMany(Filter, limit: Int?)
    }

    package var operation: Operation.Write
    /// A position in `Schema.models`.
    package var model: Int
    package var body: Body
    package var slots: [Slot]
    /// Moments have microseconds in the answer.
    package var isPrecise: Bool

    package init(operation: Operation.Write, model: Int, body: Body, slots: [Slot], isPrecise: Bool = false) {
        self.isPrecise = isPrecise
        self.operation = operation
        self.model = model
        self.body = body
        self.slots = slots
    }
}

/// The changes of one record: what its columns become, and what happens to the records that it is related to.
package struct WriteData: Sendable {
    package var scalars: [(field: Int, change: Change)]
    package var relations: [RelationWrite]

    package init(scalars: [(field: Int, change: Change)] = [], relations: [RelationWrite] = []) {
        self.scalars = scalars
        self.relations = relations
    }

    /// What a column becomes. Slots are positions in the request's slots.
    package enum Change: Sendable, Equatable {
        case set(Int)
        case null
        /// The null of JSON, in a Json column.
        case jsonNull
        case increment(Int)
        case decrement(Int)
        case multiply(Int)
        case divide(Int)
        /// The slot holds one element.
        case push(Int)
        /// The slot holds a list.
        case pushAll(Int)
    }
}

/// What happens to the records that one relation field leads to.
package struct RelationWrite: Sendable {
    package var field: Int
    /// The steps, in the order of the text.
    package var steps: [NestedWrite]

    package init(field: Int, steps: [NestedWrite]) {
        self.field = field
        self.steps = steps
    }
}

/// One step on related records. A filter is on the related model. It is nil where the relation leads to one record, which is then meant.
package indirect enum NestedWrite: Sendable {
    case create(WriteData)
    case createMany([WriteData], skipsDuplicates: Bool)
    /// All records of one `connect`.
    case connect([Filter])
    case connectOrCreate(Filter, WriteData)
    /// All records of one `disconnect`; empty where the relation leads to one record.
    case disconnect([Filter])
    case set([Filter])
    case update(Filter?, WriteData)
    case updateMany(Filter, WriteData)
    case upsert(Filter?, create: WriteData, update: WriteData)
    case delete([Filter])
    case deleteMany(Filter)
}
