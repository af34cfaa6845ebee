import SQL
import Text

/// What the catalog is asked about: a list of tables, and the text of the library's trigger function. Immutable.
struct CatalogScope: Sendable {
    let tables: [ChangeTriggers.Table]
    /// The quoted names of the tables, as a JSON list.
    private let names: [UInt8]

    init(_ tables: [ChangeTriggers.Table]) {
        self.tables = tables
        var names = ByteBuffer()
        names.append(jsonStrings: tables.map { ChangeTriggers.quoted($0.name, in: $0.schema) })
        self.names = Array(names.bytes)
    }

    /// `$1` and `$2` of `CatalogFacts` and `ChangeSurvey`. Both have the type `text`.
    func parameters() throws(Failure) -> ParameterList {
        var parameters = ParameterList()
        try parameters.append { $0.append(names) }
        try parameters.append { $0.append(ChangeTriggers.functionText) }
        return parameters
    }

    /// The object identifier of the type `text`.
    static let textType: UInt32 = 25
}
