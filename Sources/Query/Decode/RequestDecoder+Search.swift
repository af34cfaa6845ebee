import Text

/// Full-text searches for one text in several fields.
extension RequestDecoder {
    /// Notes the text that a search looks for. The text is then a part of the request's shape. Why: two searches for the same text mean
    /// something else than two searches for different ones.
    mutating func noteSearch(_ operand: Operand, _ value: JSONValue) {
        guard case .slot(let slot) = operand, value.kind == .string else { return }
        makeStructural()
        searchTexts[slot] = Array(value.bytes)
    }

    /// Returns the filters of one group, with searches for the same text in different fields joined:
    ///
    ///     {title: {search: "cat & dog"}, body: {search: "cat & dog"}}
    ///
    /// finds records with `cat` in one field and `dog` in the other.
    ///
    /// Why: Prisma searches the fields as one text, in AND and in OR.
    func joinSearches(_ filters: [Filter]) -> [Filter] {
        if searchTexts.count < 2 { return filters }
        var result: [Filter] = []
        // Why by their texts: a comparison of each with each would take minutes for ten thousands.
        var places: [SearchKey: Int] = [:]
        for filter in filters {
            guard let search = search(filter), let text = searchTexts[search.slot] else {
                result.append(filter)
                continue
            }
            let key = SearchKey(text: text, isNegated: search.isNegated)
            if let place = places[key], let first = self.search(result[place]) {
                result[place] = .search(fields: first.fields + search.fields, slot: first.slot, isNegated: first.isNegated)
            } else {
                places[key] = result.count
                result.append(filter)
            }
        }
        return result
    }

    /// What searches have in common that are joined.
    private struct SearchKey: Hashable {
        let text: [UInt8]
        let isNegated: Bool
    }

    private func search(_ filter: Filter) -> (fields: [Int], slot: Int, isNegated: Bool)? {
        switch filter {
        case .scalar(let field, .search(.slot(let slot), let isNegated)) where searchTexts[slot] != nil: ([field], slot, isNegated)
        case .search(let fields, let slot, let isNegated): (fields, slot, isNegated)
        default: nil
        }
    }
}
