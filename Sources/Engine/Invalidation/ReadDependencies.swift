import Cache
import SQL
import Text

/// What automatic answers of one plan depend on, as tags. Immutable.
struct ReadDependencies: Sendable {
    /// Named as in `Plan.tables`. The table of the point read is included.
    let tables: [ExactString]
    /// `everything`, and the tags of the tables: all tags that do not depend on a request's values.
    private let fixed: [Cache.Tag]
    /// Set if only one row of its table matters.
    let pointRead: PointRead?

    init(_ plan: Plan) {
        tables = plan.tables.map { ExactString($0) }
        pointRead = plan.pointRead
        let own = plan.pointRead.map { ExactString($0.key.table) }
        let whole = tables.filter { $0 != own }
        fixed = [AutomaticTag.everything] + whole.map(AutomaticTag.table)
    }

    /// Returns the tags if the tables are known.
    /// - Parameter namesRow: true if the row of the point read can be identified.
    func tags(namesRow: Bool, _ parameters: borrowing ParameterList) -> [Cache.Tag] {
        guard let pointRead else { return fixed }
        let table = ExactString(pointRead.key.table)
        guard namesRow, let name = Self.name(pointRead, parameters) else { return fixed + [AutomaticTag.table(table)] }
        return fixed + [AutomaticTag.rows(of: table), AutomaticTag.row(name)]
    }

    private static func name(_ pointRead: PointRead, _ parameters: borrowing ParameterList) -> [UInt8]? {
        var texts: [UnsafeRawBufferPointer] = []
        for slot in pointRead.slots {
            guard let text = parameters.text(slot) else { return nil }
            texts.append(text)
        }
        return pointRead.key.name { texts[$0] }
    }

    /// The tags if every write may change the answer.
    static let ofAnyTable = [AutomaticTag.everything, AutomaticTag.anyTable]
}
