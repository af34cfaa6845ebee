import Concurrency
import Text

@testable import Postgres

/// A pool and the few things that tests do with it.
struct TestDatabase {
    let pool: Pool
    /// What ends its requests.
    let cancellation: CancellationToken?

    init(_ pool: Pool, cancellation: CancellationToken? = nil) {
        self.pool = pool
        self.cancellation = cancellation
    }

    /// The same for requests that `cancellation` ends.
    func cancelled(by cancellation: CancellationToken?) -> TestDatabase { TestDatabase(pool, cancellation: cancellation) }

    func parameters(_ values: [String?]) throws -> ParameterList {
        var list = ParameterList()
        for value in values {
            if let value { try list.append { $0.append(value) } } else { list.appendNull() }
        }
        return list
    }

    func answer(
        _ batch: StatementBatch, _ writer: RowWriter, values: [String?] = [], milliseconds: Int = 10_000
    ) throws -> String {
        let results = try pool.execute(batch, parameters(values), until: .after(milliseconds: milliseconds), cancellation: cancellation)
        var buffer = ByteBuffer()
        try writer.write(results, into: &buffer, limit: 1 << 20)
        return buffer.string()
    }

    /// All rows, with the columns called by their numbers.
    func list(_ sql: String, _ forms: [ValueForm], values: [String?] = []) throws -> String {
        let members = forms.enumerated().map { index, form in
            RowShape.Member("\(index)", .column(RowShape.Column(index, form)))
        }
        let batch = StatementBatch([Statement(text: sql, slots: Array(values.indices))])
        return try answer(
            batch, RowWriter(RowShape(.list(RowShape.Record(members), result: 0, isReversed: false))), values: values)
    }

    func raw(
        _ sql: String, _ values: [String?] = [], types: [UInt32] = [], returnsRows: Bool = true, milliseconds: Int = 10_000
    ) throws -> String {
        var buffer = ByteBuffer()
        try pool.runRaw(
            sql, parameters(values), types: types, returnsRows: returnsRows, limit: 1 << 20,
            until: .after(milliseconds: milliseconds), cancellation: cancellation, into: &buffer)
        return buffer.string()
    }

    @discardableResult
    func execute(_ sql: String, _ values: [String?] = []) throws -> Int? { Int(try raw(sql, values, returnsRows: false)) }
}

extension Failure {
    /// All that a caller can read of it: what must hold no secret.
    var words: String {
        let facts = meta.map { fact -> String in
            switch fact.value {
            case .text(let text): "\(fact.key) \(text)"
            case .texts(let texts): "\(fact.key) \(texts.joined(separator: " "))"
            case .number(let number): "\(fact.key) \(number)"
            case .truth(let truth): "\(fact.key) \(truth)"
            }
        }
        return ([code, message] + facts).joined(separator: "\n")
    }
}
