import CPostgres
import Glibc
package import Postgres

extension ResultHandle {
    /// A column of a reply that no server sent.
    package struct SyntheticColumn {
        package var name: String
        package var type: UInt32
        package var isBinary: Bool

        package init(name: String, type: UInt32, isBinary: Bool) {
            self.name = name
            self.type = type
            self.isBinary = isBinary
        }
    }

    /// Makes a reply that no server sent. Nil if memory is exhausted.
    package static func synthetic(columns: [SyntheticColumn], rows: [[[UInt8]?]]) -> ResultHandle? {
        guard let handle = PQmakeEmptyPGresult(nil, PGRES_TUPLES_OK) else { return nil }
        var attributes = columns.map { column in
            PGresAttDesc(
                name: strdup(column.name), tableid: 0, columnid: 0, format: column.isBinary ? 1 : 0,
                typid: column.type, typlen: -1, atttypmod: -1)
        }
        defer { for attribute in attributes { free(attribute.name) } }
        guard PQsetResultAttrs(handle, Int32(truncatingIfNeeded: columns.count), &attributes) == 1 else { return nil }
        for (row, cells) in rows.enumerated() {
            for (column, cell) in cells.enumerated() {
                var bytes = (cell ?? []).map { CChar(bitPattern: $0) }
                let count = cell == nil ? -1 : Int32(truncatingIfNeeded: bytes.count)
                bytes.append(0)
                _ = PQsetvalue(handle, Int32(row), Int32(column), &bytes, count)
            }
        }
        return ResultHandle(handle: handle)
    }
}
