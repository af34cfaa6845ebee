import Postgres
import SQL
import Text

extension RowIdentifier {
    /// The names of the rows in a reply; nil when they are too many.
    func rows(_ reply: ResultHandle, _ parameters: borrowing ParameterList) -> [[UInt8]]? {
        guard reply.rowCount <= SQLLimit.namedRows else { return nil }
        var rows: [[UInt8]] = []
        for row in 0..<reply.rowCount {
            for (key, values) in names {
                var texts: [UnsafeRawBufferPointer?] = []
                for value in values {
                    switch value {
                    case .column(let column): texts.append(reply.text(row, column))
                    case .slot(let slot): texts.append(parameters.text(slot))
                    }
                }
                if let name = key.name({ texts[$0] }) { rows.append(name) }
            }
        }
        return rows
    }
}
