import Schema
package import Text

/// What binding does for one slot: the slot, and the parts of the schema that its values are checked with.
struct BindingStep: Sendable {
    let slot: Slot
    /// The values of the slot's enum by name, each with its label in the database.
    let labels: [(name: [UInt8], label: [UInt8])]

    /// Makes the step of a slot that has no enum.
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
    /// Returns the values of a text of this shape as parameters, one for each slot. Throws at the first value, in the order of the slots,
    /// that its slot does not take. Equal values give equal bytes, however they are written.
    package func bind(_ document: JSONDocument, _ walk: borrowing ShapeFingerprint) throws(Failure) -> ParameterList {
        var list = ParameterList()
        for index in steps.indices {
            let binder = ValueBinder(document, steps[index])
            let node = walk.node(binder.step.slot.ordinal)
            try list.append { (buffer) throws(Failure) in try binder.bind(node, into: &buffer) }
        }
        return list
    }
}
