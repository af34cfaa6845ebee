import Text

// `where:` of a partial index.
extension Resolver {
    /// `raw("…")` or an object of fields and values.
    mutating func checkCondition(_ condition: Expression, of what: String) {
        switch condition.value {
        case .object: return
        case .call("raw", let arguments):
            if arguments.count == 1, case .string = arguments[0].value.value { return }
        default: break
        }
        diagnostics.report(
            condition.offset, "where of \(what): \(condition.kindDescription)",
            expected: "raw(\"…\") or { field: value }")
    }

    /// Returns nil if there is no condition, or one that is not understood.
    func condition(_ expression: Expression?, in model: Int) -> IndexCondition? {
        switch expression?.value {
        case .call("raw", let arguments)?:
            guard arguments.count == 1, case .string(let text) = arguments[0].value.value else { return nil }
            return .text(text)
        case .object(let members)?:
            var tests: [IndexCondition.FieldTest] = []
            for member in members {
                guard let name = member.name, let field = models[model].field(named: name.text), let test = test(member.value) else { return nil }
                tests.append(IndexCondition.FieldTest(field: field, test: test))
            }
            return tests.isEmpty ? nil : .tests(tests)
        default: return nil
        }
    }

    /// `null`, `"open"`, `{ not: null }`
    private func test(_ value: Expression) -> IndexCondition.Test? {
        if case .object(let members) = value.value {
            guard members.count == 1, members[0].name?.text == "not" else { return nil }
            if case .path("null") = members[0].value.value { return .isNotNull }
            return literal(members[0].value).map { .differs($0) }
        }
        if case .path("null") = value.value { return .isNull }
        return literal(value).map { .equals($0) }
    }

    private func literal(_ value: Expression) -> String? {
        switch value.value {
        case .string(let text): "'" + text.replacing("'", with: "''") + "'"
        case .number(let text): text
        case .path("true"): "true"
        case .path("false"): "false"
        default: nil
        }
    }

    /// Returns the condition with the positions of fields in the finished schema.
    func renumbered(_ condition: IndexCondition?, _ numbers: [Int]) -> IndexCondition? {
        guard case .tests(let tests)? = condition else { return condition }
        return .tests(tests.map { IndexCondition.FieldTest(field: numbers[$0.field], test: $0.test) })
    }
}
