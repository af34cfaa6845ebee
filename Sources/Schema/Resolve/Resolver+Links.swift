import Text

// Relations: how the two sides are connected in the database.
extension Resolver {
    mutating func resolvePair(_ first: Side, _ second: Side) {
        let isFirstList = draft(first).field.arity == .list
        let isSecondList = draft(second).field.arity == .list
        if isFirstList && isSecondList { return linkManyToMany(first, second) }
        if isFirstList != isSecondList {
            let (holder, mirror) = isFirstList ? (second, first) : (first, second)
            guard checkHolder(holder, mirror) else { return }
            return linkReference(holder, mirror)
        }
        guard let (holder, mirror) = chooseHolder(first, second), checkOneToOne(holder, mirror) else { return }
        linkReference(holder, mirror)
    }

    private func draft(_ side: Side) -> FieldDraft { models[side.model].fields[side.field] }

    /// `AToB`, or the name given.
    private func relationName(_ first: Side, _ second: Side) -> String {
        draft(first).relation.name ?? madeRelationName(first.model, second.model)
    }

    func madeRelationName(_ first: Int, _ second: Int) -> String {
        let names = [models[first].model.name, models[second].model.name]
        return precedes(names[0], names[1]) ? "\(names[0])To\(names[1])" : "\(names[1])To\(names[0])"
    }

    /// The order of names by their bytes.
    private func precedes(_ left: String, _ right: String) -> Bool { left.utf8.lexicographicallyPrecedes(right.utf8) }

    // MARK: One side holds the key

    /// Checks a 1-n relation: the side that is not a list holds the key, and only that side says so.
    private mutating func checkHolder(_ holder: Side, _ mirror: Side) -> Bool {
        let isPlain = checkMirror(mirror, opposite: holder)
        let arguments = draft(holder).relation
        if arguments.fields == nil || arguments.references == nil {
            if isPlain { reportMissingKey(holder, arguments) }
            return false
        }
        return isPlain
    }

    private mutating func reportMissingKey(_ holder: Side, _ arguments: RelationArguments) {
        let missing = [("fields", arguments.fields == nil), ("references", arguments.references == nil)].filter(\.1)
            .map(\.0)
        report(
            holder, "the relation \(quoted(holder)) has no \(missing.joined(separator: " and no "))",
            expected: "@relation(fields: […], references: […])")
    }

    /// Checks that the side without the key says nothing about it.
    private mutating func checkMirror(_ mirror: Side, opposite: Side) -> Bool {
        let arguments = draft(mirror).relation
        let wrong = [
            ("fields", arguments.fields != nil), ("references", arguments.references != nil),
            ("onDelete", arguments.onDelete != nil), ("onUpdate", arguments.onUpdate != nil),
        ].filter(\.1).map(\.0)
        guard !wrong.isEmpty else { return true }
        report(
            mirror, "\(quoted(mirror)) has \(wrong.joined(separator: ", ")), but its column is on the other side",
            expected: "them on \(quoted(opposite)) alone")
        return false
    }

    /// Returns holder and mirror of a 1-1 relation. The side with `fields` holds the key.
    private mutating func chooseHolder(_ first: Side, _ second: Side) -> (Side, Side)? {
        let holds = [first, second].map { draft($0).relation.fields != nil || draft($0).relation.references != nil }
        switch (holds[0], holds[1]) {
        case (true, false): return (first, second)
        case (false, true): return (second, first)
        case (true, true):
            report(
                second, "\(quoted(first)) and \(quoted(second)) both have fields or references",
                expected: "them on one side of a one-to-one relation")
        case (false, false):
            report(
                first, "neither \(quoted(first)) nor \(quoted(second)) has fields and references",
                expected: "@relation(fields: […], references: […]) on one of them")
        }
        return nil
    }

    private mutating func checkOneToOne(_ holder: Side, _ mirror: Side) -> Bool {
        guard checkMirror(mirror, opposite: holder) else { return false }
        let arguments = draft(holder).relation
        if arguments.fields == nil || arguments.references == nil {
            reportMissingKey(holder, arguments)
            return false
        }
        if draft(mirror).field.arity == .required {
            report(
                mirror, "\(quoted(mirror)) is required, but its record is on the other side and may be missing",
                expected: "the type \(draft(mirror).node.type.text)?")
            return false
        }
        return true
    }

    /// Resolves `fields` and `references`, checks them against each other and connects the sides.
    private mutating func linkReference(_ holder: Side, _ mirror: Side) {
        let arguments = draft(holder).relation
        guard let fieldNames = arguments.fields, let referenceNames = arguments.references else { return }
        guard let own = scalarFields(fieldNames, of: "fields", in: holder.model),
            let target = scalarFields(referenceNames, of: "references", in: mirror.model)
        else { return }
        guard own.count == target.count else {
            return report(
                holder, "\(quoted(holder)) has \(own.count) fields and \(target.count) references",
                expected: "as many of both")
        }
        guard checkTypes(holder, mirror, own, target), checkUniqueness(holder, mirror, own, target) else { return }
        checkArity(holder, own)
        let onDelete = draft(holder).relation.onDelete.flatMap { Relation.Action(rawValue: $0.text) }
        let onUpdate = draft(holder).relation.onUpdate.flatMap { Relation.Action(rawValue: $0.text) }
        let isRequired = own.contains { models[holder.model].fields[$0].field.arity == .required }
        if isRequired { checkSetNull(holder, own) }
        let constraint = arguments.constraintName ?? foreignKeyName(over: own, of: models[holder.model])
        let offset = arguments.constraintOffset ?? models[holder.model].fields[holder.field].node.name.offset
        models[holder.model].foreignKeys.append((constraint, offset))
        connect(
            holder, mirror, .references(fields: own, target: target), .referenced(fields: target, by: own),
            onDelete: onDelete ?? (isRequired ? .restrict : .setNull), onUpdate: onUpdate ?? .cascade,
            constraintName: constraint)
    }

    /// With `relationMode = "prisma"` this library writes the NULL itself, so the columns have to take it.
    private mutating func checkSetNull(_ holder: Side, _ own: [Int]) {
        guard datasource?.relationMode == .prisma else { return }
        let arguments = draft(holder).relation
        for (what, action) in [("onDelete", arguments.onDelete), ("onUpdate", arguments.onUpdate)] {
            guard let action, action.text.isExactly(Relation.Action.setNull.rawValue) else { continue }
            let required = own.map { models[holder.model].fields[$0].field }.filter { $0.arity == .required }
            diagnostics.report(
                action.offset, "\(what): SetNull over \(required.map(\.name).joined(separator: ", ")), which may not be null",
                expected: "another action, or optional fields")
        }
    }

    private func isSameType(_ left: FieldNode, _ right: FieldNode) -> Bool {
        left.type.text.isExactly(right.type.text) && (left.unsupportedType ?? "").isExactly(right.unsupportedType ?? "")
    }

    private mutating func checkTypes(_ holder: Side, _ mirror: Side, _ own: [Int], _ target: [Int]) -> Bool {
        var isRight = true
        for (left, right) in zip(own, target) {
            let from = models[holder.model].fields[left]
            let to = models[mirror.model].fields[right]
            if from.field.arity == .list || to.field.arity == .list {
                report(
                    holder, "\(quoted(holder)) uses a list as a key", expected: "single values in fields and references"
                )
                isRight = false
            } else if !isSameType(from.node, to.node) {
                report(
                    holder,
                    "\"\(from.field.name)\" is \(from.node.type.text), \"\(to.field.name)\" of \"\(models[mirror.model].model.name)\" is \(to.node.type.text)",
                    expected: "the same type on both sides of \(quoted(holder))")
                isRight = false
            }
        }
        return isRight
    }

    private mutating func checkUniqueness(_ holder: Side, _ mirror: Side, _ own: [Int], _ target: [Int]) -> Bool {
        let targetModel = models[mirror.model]
        guard targetModel.hasUniqueKey(over: target) || targetModel.node.isDamaged else {
            let names = target.map { targetModel.fields[$0].field.name }.joined(separator: ", ")
            report(
                holder, "\(quoted(holder)) refers to \(names) of \"\(targetModel.model.name)\", which is no unique key",
                expected: target.count == 1 ? "@id or @unique on \(names)" : "@@id or @@unique over [\(names)]")
            return false
        }
        if draft(mirror).field.arity != .list, !models[holder.model].hasUniqueKey(over: own) {
            let names = own.map { models[holder.model].fields[$0].field.name }.joined(separator: ", ")
            report(
                holder, "the one-to-one relation \(quoted(holder)) is over \(names), which is no unique key",
                expected: own.count == 1
                    ? "@unique on \(names), or a list on the other side"
                    : "@@unique([\(names)]), or a list on the other side")
            return false
        }
        return true
    }

    /// A relation is required only if all of its columns are.
    private mutating func checkArity(_ holder: Side, _ own: [Int]) {
        guard draft(holder).field.arity == .required else { return }
        let optional = own.filter { models[holder.model].fields[$0].field.arity == .optional }
        guard !optional.isEmpty else { return }
        let names = optional.map { models[holder.model].fields[$0].field.name }.joined(separator: ", ")
        report(
            holder, "\(quoted(holder)) is required, but \(names) may be null",
            expected: "the type \(draft(holder).node.type.text)?, or required fields")
    }

    // MARK: A join table

    private mutating func linkManyToMany(_ first: Side, _ second: Side) {
        guard let firstID = checkJoined(first, second), let secondID = checkJoined(second, first) else { return }
        // The first model by name is A. Within one model it is the first field by name.
        let isFirstA =
            first.model == second.model
            ? precedes(draft(first).field.name, draft(second).field.name)
            : precedes(models[first.model].model.name, models[second.model].model.name)
        let (sideA, sideB) = isFirstA ? (first, second) : (second, first)
        let (idA, idB) = isFirstA ? (firstID, secondID) : (secondID, firstID)
        let table = Relation.JoinTable(
            tableName: "_" + relationName(first, second), tableSchema: models[sideA.model].model.tableSchema,
            thisColumn: "A", otherColumn: "B", thisField: idA, otherField: idB)
        var mirrored = table
        (mirrored.thisColumn, mirrored.otherColumn) = ("B", "A")
        (mirrored.thisField, mirrored.otherField) = (idB, idA)
        connect(sideA, sideB, .joinTable(table), .joinTable(mirrored), onDelete: .cascade, onUpdate: .cascade)
    }

    /// Returns the identifier of a side's model, which the join table refers to. The side must not name keys or actions.
    private mutating func checkJoined(_ side: Side, _ opposite: Side) -> Int? {
        let arguments = draft(side).relation
        guard let key = models[side.model].primaryKey, key.fields.count == 1 else {
            report(
                opposite, "\(quoted(opposite)) is many-to-many, but \"\(models[side.model].model.name)\" has no @id",
                expected: "an @id on one field, or a model of its own in between")
            return nil
        }
        guard arguments.fields == nil, arguments.references == nil, arguments.onDelete == nil, arguments.onUpdate == nil else {
            report(
                side, "the many-to-many relation \(quoted(side)) has fields, references or actions",
                expected: "none, or a model of its own in between")
            return nil
        }
        return key.fields[0]
    }

    private mutating func connect(
        _ first: Side, _ second: Side, _ link: Relation.Link, _ mirrored: Relation.Link, onDelete: Relation.Action,
        onUpdate: Relation.Action, constraintName: String? = nil
    ) {
        let name = relationName(first, second)
        let isNamed = draft(first).relation.name != nil || draft(second).relation.name != nil
        models[first.model].fields[first.field].field.type = .relation(
            Relation(
                name: name, isNamed: isNamed, model: second.model, oppositeField: second.field, link: link, onDelete: onDelete,
                onUpdate: onUpdate, constraintName: constraintName))
        models[second.model].fields[second.field].field.type = .relation(
            Relation(
                name: name, isNamed: isNamed, model: first.model, oppositeField: first.field, link: mirrored, onDelete: onDelete,
                onUpdate: onUpdate, constraintName: nil))
    }
}
