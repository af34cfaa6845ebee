import CLinux
import Query
import SQL
import Schema
import Synchronization
import Text

/// Values that the request did not give: defaults, and `@updatedAt`.
extension WriteExecutor {
    private static let count = Atomic<UInt64>(0)

    /// The request's moment in milliseconds since 1970, for identifiers that begin with the time. 0 before 1970.
    private var milliseconds: UInt64 { UInt64(clamping: moment / 1000 + Year2000.milliseconds) }

    /// Returns the value of a field that `data` does not name; nil where the database fills it in.
    func defaultCell(_ field: Field) throws(Failure) -> InsertedCell? {
        if field.isUpdatedAt || field.defaultValue == .now { return .slot(try momentSlot(field)) }
        guard let cell = try constantCell(field) else { return nil }
        made.append(.byDefault(field))
        return cell
    }

    private func constantCell(_ field: Field) throws(Failure) -> InsertedCell? {
        switch field.defaultValue {
        case nil, .autoincrement, .database, .now: return nil
        case .uuid(let version):
            let time = milliseconds
            return .slot(try append { GeneratedText.write(uuid: version, milliseconds: time, into: &$0) })
        case .cuid(let version):
            let time = milliseconds
            let count = Self.count.add(1, ordering: .relaxed).newValue
            return .slot(try append { GeneratedText.write(cuid: version, milliseconds: time, count: count, into: &$0) })
        case .ulid:
            let time = milliseconds
            return .slot(try append { GeneratedText.write(ulid: time, into: &$0) })
        case .nanoid(let length): return .slot(try append { GeneratedText.write(nanoid: length, into: &$0) })
        case .literal(let text):
            guard let text = literal(text, field) else { return nil }
            return .slot(try append { $0.append(text) })
        case .list(let elements):
            var texts: [[UInt8]] = []
            for element in elements {
                guard let text = literal(element, field) else { return nil }
                texts.append(text)
            }
            return .slot(try append { Self.writeList(texts, into: &$0) })
        }
    }

    /// Returns the request's moment in the form of the field's column.
    func momentSlot(_ field: Field) throws(Failure) -> Int {
        let form = Self.form(of: field)
        let moment = moment
        made.append(.moment(field))
        return try append { Timestamp.write(moment, as: form, into: &$0) }
    }

    /// The form in which the column takes moments.
    private static func form(of field: Field) -> Timestamp.Form {
        switch field.nativeType?.name {
        case .date: .date
        case .time: .time
        case .timetz: .timetz
        default: .timestamp
        }
    }

    /// Makes the values again that a remembered write has, in the same order.
    func make(_ values: [GeneratedValue]) throws(Failure) {
        for value in values {
            switch value {
            case .byDefault(let field): _ = try constantCell(field)
            case .moment(let field): _ = try momentSlot(field)
            }
        }
    }

    /// Appends a parameter. Returns its position.
    private func append(_ write: (inout ByteBuffer) -> Void) throws(Failure) -> Int {
        let slot = parameters.count
        try parameters.append { (buffer) throws(Failure) in write(&buffer) }
        return slot
    }

    /// Returns a literal of the schema as PostgreSQL reads it. Nil for a text that the schema does not let through; the database decides
    /// then.
    private func literal(_ text: String, _ field: Field) -> [UInt8]? {
        var buffer = ByteBuffer()
        switch field.type {
        case .enumeration(let index):
            return schema.enums[index].values.first { $0.name.isExactly(text) }.map { Array($0.databaseName.utf8) }
        case .scalar(.bytes):
            buffer.append("\\x")
            guard Array(text.utf8).withUnsafeBytes({ Base64.write(hexOf: $0, into: &buffer) }) else { return nil }
        case .scalar(.dateTime):
            // Why not the text itself: a column without a time zone drops the offset, and would keep another moment.
            guard let moment = Array(text.utf8).withUnsafeBytes({ Timestamp.parse($0) }) else { return nil }
            Timestamp.write(moment, as: Self.form(of: field), into: &buffer)
        default: return text.utf8.contains(0) ? nil : Array(text.utf8)
        }
        return Array(buffer.bytes)
    }

    /// Writes a list as PostgreSQL reads it.
    static func writeList(_ list: some Sequence<some Sequence<UInt8>>, into buffer: inout ByteBuffer) {
        buffer.append(UInt8(ascii: "{"))
        buffer.append(list: list) { buffer, text in
            buffer.append(UInt8(ascii: "\""))
            for byte in text {
                if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { buffer.append(UInt8(ascii: "\\")) }
                buffer.append(byte)
            }
            buffer.append(UInt8(ascii: "\""))
        }
        buffer.append(UInt8(ascii: "}"))
    }
}
