import Schema
package import Text

/// What binding does for one slot: the slot, and what of the schema its values are checked with.
struct BindingStep: Sendable {
    let slot: Slot
    /// Of an enum: its values by name, each with the database's label.
    let labels: [(name: [UInt8], label: [UInt8])]

    /// For a slot whose type is no enum.
    init(_ slot: Slot) {
        self.slot = slot
        labels = []
    }

    init(_ slot: Slot, _ schema: Schema) {
        self.slot = slot
        if let index = slot.type.enumeration, schema.enums.indices.contains(index) {
            labels = schema.enums[index].values.map { (Array($0.name.utf8), Array($0.databaseName.utf8)) }
        } else {
            labels = []
        }
    }
}

extension RequestShape {
    /// The values of a text of this shape, as parameters: one for each of the request's slots. Fails at the first value, in the
    /// order of the slots, that is not what its slot takes. Equal values give equal bytes, however they are written.
    package func bind(_ document: JSONDocument, _ walk: borrowing ShapeFingerprint) throws(Failure) -> ParameterList {
        var list = ParameterList()
        for index in steps.indices {
            let binder = ValueBinder(document, steps[index])
            let node = walk.node(binder.step.slot.ordinal)
            try list.append { (buffer) throws(Failure) in try binder.write(node, into: &buffer) }
        }
        return list
    }
}
