import Schema
import Text

/// The schema parser: a schema, or a list of mistakes. The same text gives the same schema.
func fuzzSchema(_ input: UnsafeRawBufferPointer) {
    do {
        let schema = try Schema.parse(bytes: input)
        let again = try Schema.parse(bytes: input)
        require(schema.canonicalDescription == again.canonicalDescription, "a schema is read alike each time")
        for model in schema.models { check(model, of: schema) }
    } catch {
        require(error.status == .invalidConfiguration, "a wrong schema is a wrong configuration")
        require(!error.message.isEmpty && error.message.utf8.count < 1 << 20, "a failure says what is wrong, in bounds")
    }
}

/// What the other modules take for granted.
private func check(_ model: Model, of schema: Schema) {
    require(schema.models.indices.contains(model.index), "a model knows its place")
    for (position, field) in model.fields.enumerated() {
        require(field.index == position, "a field knows its place")
        guard case .relation(let relation) = field.type else { continue }
        require(schema.models.indices.contains(relation.model), "a relation leads to a model")
        switch relation.link {
        case .references(let here, let there), .referenced(let here, let there):
            require(here.count == there.count && !here.isEmpty, "the columns of a relation come in pairs")
            require(here.allSatisfy(model.fields.indices.contains), "a relation's columns are there")
            require(there.allSatisfy(schema.models[relation.model].fields.indices.contains), "and so are those on the other side")
        case .joinTable(let table):
            require(model.fields.indices.contains(table.thisField), "a join table refers to a field")
            require(schema.models[relation.model].fields.indices.contains(table.otherField), "and to one on the other side")
        }
    }
    for key in model.selectors { require(key.fields.allSatisfy(model.fields.indices.contains), "a key is made of fields") }
}
