import CLinux
import Postgres
import Query
package import SQL
package import Schema
package import Text

/// Carries out one write on one connection, from the top of its tree down. Each statement gets what those before it returned.
///
/// Belongs to one thread. Values that are found on the way, such as generated keys, become further parameters, so all statements take
/// values from one list. The first of several statements begins a transaction. It is recursive as deep as the request is nested, which the
/// decoder bounds.
///
/// A statement costs a round trip only when its reply decides how to continue: it returns a key that others need, or a record has to exist.
/// `BEGIN` travels with the first statement and `COMMIT` with the last.
package final class WriteExecutor {
    /// A value: NULL, or a position in `parameters`.
    enum Value {
        case null
        case slot(Int)
    }

    /// Some fields of one record.
    typealias Record = [Int: Value]

    let schema: Schema
    let settings: SQLSettings
    private let transaction: WriteTransaction
    /// The moment at which everything of this request is written, in microseconds since 2000.
    let moment: Int64
    var parameters: ParameterList
    var compiler: WriteCompiler
    let limit: Int
    /// The request, with what is known of its kind.
    let prepared: PreparedWrite
    /// What the write changed. Complete when it has been carried out or has failed.
    package internal(set) var writeSet = WriteSet()
    /// True if one statement was enough; that statement has set `writeSet`.
    private(set) var isAlone = false
    /// True if the changed rows have to be known.
    let namesRows: Bool
    /// The generated values, in the order of their parameters.
    var made: [GeneratedValue] = []
    /// Statements whose replies no caller needs. They are sent with the next one that is waited for.
    private var pending: [PendingStatement] = []
    /// The number of actions of relations that have led here.
    var actionDepth = 0
    /// The records that are about to be deleted, while the actions of their relations are carried out.
    var goingAway: [(model: Int, filter: Filter)] = []
    /// The records whose keys the write has changed.
    var moves = MoveList()
    /// The detours that this write takes.
    var detours: WriteDetours = [] {
        didSet { compiler.tellsTables = !detours.contains(.keysAlone) }
    }
    /// True if records were deleted; actions of relations may have deleted the written one, too.
    var hasDeleted = false

    /// - Parameters:
    ///   - limit: of the answer, in bytes.
    ///   - rowKeys: given where it has to be known which rows change.
    package init(
        _ prepared: PreparedWrite, _ parameters: consuming ParameterList, in transaction: WriteTransaction, _ schema: Schema,
        _ settings: SQLSettings, moment: Int64, limit: Int, naming rowKeys: RowKeyTable? = nil
    ) {
        namesRows = rowKeys != nil
        self.prepared = prepared
        self.schema = schema
        self.settings = settings
        self.transaction = transaction
        self.parameters = parameters
        self.moment = moment
        self.limit = limit
        compiler = WriteCompiler(schema: schema, settings: settings, naming: rowKeys, isPrecise: prepared.request.isPrecise)
    }

    // MARK: Sending

    /// Runs a statement that changes something, in the transaction.
    func execute(_ statement: WriteStatement) throws(Failure) -> ResultSet { try execute(changing: [statement]) }

    /// Runs several statements in one round trip.
    func execute(changing statements: [WriteStatement], commits: Bool = false) throws(Failure) -> ResultSet {
        let results = try execute(statements.map(\.statement), changing: statements.count, commits: commits)
        noteRows(statements, results)
        return results
    }

    /// Adds a statement of which only a failure matters. It takes part in a later round trip.
    /// - Parameter inserting: the records that it has to insert. Fewer are a failure, too.
    func runLater(_ statement: WriteStatement, inserting: InsertedRecords? = nil) throws(Failure) {
        pending.append(PendingStatement(statement: statement, inserting: inserting))
        if pending.count >= Self.mostPending { _ = try execute([]) }
    }

    private static var mostPending: Int { 64 }

    /// Sends what is still pending after a failure that no statement told, and returns what the server refuses of it.
    ///
    /// Why: those steps come earlier in the request, so their failure is the one that is told.
    func earlierFailure() -> Failure? {
        if pending.isEmpty || transaction.isLost { return nil }
        do throws(Failure) {
            _ = try execute([])
            return nil
        } catch {
            return error.sqlState == nil ? nil : error
        }
    }

    /// Runs the only statement of the write and writes the answer. It is kept for requests of the same kind, unless its form depends on
    /// values.
    func runAlone(
        _ statement: WriteStatement, _ form: SingleWrite.Answer, isInsertion: Bool = false, dependsOnValues: Bool = false,
        into answer: inout ByteBuffer
    ) throws(Failure) {
        let shape = statement.record.map { record in
            if case .list = form { RowShape(.list(record, result: 0, isReversed: false)) } else { RowShape(.required(record, result: 0)) }
        }
        let single = SingleWrite(
            transaction.statement(statement.statement), form, shape.map { RowWriter($0) }, isInsertion: isInsertion, made: made,
            tables: compiler.tables, tablesInPart: compiler.tablesInPart, namesRows: namesRows, detours, statement.rowIdentifier)
        if !dependsOnValues { prepared.remember(single) }
        try execute(single, into: &answer)
    }

    /// Runs the one statement that a write is, and writes the answer.
    func execute(_ single: SingleWrite, into answer: inout ByteBuffer) throws(Failure) {
        isAlone = true
        try single.execute(in: transaction, parameters, limit: limit, &writeSet, into: &answer)
    }

    /// Runs the pending statements and these in one round trip. Returns the replies to these.
    /// - Parameter changing: how many of these change something; they come first.
    func execute(_ list: [Plan.Statement], changing: Int = 0, commits: Bool = false) throws(Failure) -> ResultSet {
        let ahead = pending
        pending = []
        // Why apart: the rows are counted before the commit where such a write has lost one before.
        let commitsApart = commits && prepared.losesRows && ahead.contains { $0.inserting != nil }
        let rides = commits && !commitsApart
        var results = try transaction.execute(ahead.map(\.statement.statement) + list, changing: ahead.count + changing, commits: rides, parameters)
        if !ahead.isEmpty {
            noteRows(ahead.map(\.statement), results)
            try requireInserted(ahead, results, isCommitted: rides && !isShared)
            results.removeFirst(ahead.count)
        }
        if commitsApart { try transaction.commit() }
        return results
    }

    /// Asks for rows when the write has committed, or before.
    func ask(_ statement: Plan.Statement, isCommitted: Bool) throws(Failure) -> ResultSet {
        guard isCommitted else { return try transaction.execute([statement], parameters) }
        return try transaction.runAlone(transaction.statement(statement), parameters, commits: true)
    }

    func commit() throws(Failure) {
        if pending.isEmpty { return try transaction.commit() }
        _ = try execute([], commits: true)
    }

    /// Takes back what the request has done so far, so that it can take a detour. Not possible in a transaction that others share: theirs
    /// would be taken back, too.
    func startAnew() -> Bool {
        guard transaction.startAnew() else { return false }
        forgetProgress()
        return true
    }

    /// True if other requests take part in the transaction.
    var isShared: Bool { transaction.isShared }

    /// Sets a savepoint, so that the request can be taken back alone.
    func setGuard(_ number: Int) throws(Failure) { try transaction.setGuard(number) }

    func releaseGuard(_ number: Int) throws(Failure) { try transaction.releaseGuard(number) }

    /// Takes back what came after the savepoint.
    func takeBack(to number: Int) throws(Failure) -> Bool {
        if transaction.isLost { return false }
        try transaction.rollBack(to: number)
        forgetProgress()
        return true
    }

    private func forgetProgress() {
        isAlone = false
        writeSet = WriteSet()
        pending = []
        made = []
        moves = MoveList()
        goingAway = []
        hasDeleted = false
    }

    // MARK: Values

    /// Returns the records whose keys a statement returned. Their values become parameters.
    func records(_ results: borrowing ResultSet, _ fields: [Int], of model: Int, from first: Int = 0) throws(Failure) -> [Record] {
        guard let reply = results.replies.first else { return [] }
        let areWhole = fields.map { field in
            switch self.field(field, of: model).type {
            case .scalar(.int), .scalar(.bigInt): true
            default: false
            }
        }
        var records: [Record] = []
        for row in 0..<reply.rowCount {
            var record: Record = [:]
            for (position, field) in fields.enumerated() {
                guard let text = reply.text(row, first + position) else {
                    record[field] = .null
                    continue
                }
                record[field] = .slot(parameters.count)
                // Why: an Int may be stored as `numeric(6, 1)`, and the column that refers to it be an integer.
                let value = areWhole[position] ? Self.significant(text) : text
                try parameters.append { (buffer) throws(Failure) in buffer.append(value) }
            }
            records.append(record)
        }
        return records
    }

    // MARK: Facts

    func field(_ field: Int, of model: Int) -> Field { schema.models[model].fields[field] }

    func relation(_ field: Int, of model: Int) -> Relation? {
        if case .relation(let relation) = self.field(field, of: model).type { relation } else { nil }
    }

    func name(of model: Int) -> String { schema.models[model].name }

    func identifier(of model: Int) -> [Int] { compiler.identifier(of: model) }

    /// Returns the fields of a record that its nested writes need, beside its identifier.
    func linkFields(_ data: WriteData, of model: Int) -> Set<Int> {
        var fields: Set<Int> = []
        for write in data.relations {
            switch relation(write.field, of: model)?.link {
            case .references(let own, _), .referenced(let own, _): fields.formUnion(own)
            case .joinTable(let table): fields.insert(table.thisField)
            case nil: break
            }
        }
        return fields
    }

    /// Returns the fields that have to be known of a record, identifier first. Keys that change are among them, because their holders have
    /// to be found again.
    func known(_ data: WriteData, of model: Int, and others: Set<Int> = []) -> [Int] {
        let identifier = identifier(of: model)
        var fields = linkFields(data, of: model).union(others)
        let changed = Set(data.scalars.map(\.field))
        if !changed.isEmpty { fields.formUnion(changed.intersection(referencedFields(of: model))) }
        return identifier + fields.subtracting(identifier).sorted()
    }

    /// The records that pass a filter.
    func find(_ model: Int, _ filter: Filter, _ fields: [Int], _ lock: RowLock = .none) throws(Failure) -> [Record] {
        try records(try execute([compiler.find(model, where: filter, fields, lock).statement]), fields, of: model)
    }

    /// Finds the records that pass a filter, locked as `data` needs it.
    ///
    /// `condition` is the part of the filter that was given. Where it asks about related records, all of it is asked again under the lock,
    /// by a second statement in the same round trip.
    func find(
        _ model: Int, _ filter: Filter, _ fields: [Int], toChange data: WriteData, asking condition: Filter?
    ) throws(Failure) -> [Record] {
        let lock = lock(for: data, of: model)
        guard asksAboutOthers(condition, changedBy: data) else { return try find(model, filter, fields, lock) }
        let holding: RowLock = if case .update = lock { .update } else { .noKeyUpdate }
        let statement = compiler.find(model, where: filter, fields, holding).statement
        var results = try execute([statement, statement])
        results.removeFirst(1)
        return try records(results, fields, of: model)
    }

    /// Returns the lock for a record that `data` changes. Nil where its own row stays as it is and the database looks after its foreign
    /// keys.
    func lock(for data: WriteData, of model: Int) -> RowLock {
        var fields = data.scalars.map(\.field)
        for write in data.relations {
            guard case .references(let own, _) = relation(write.field, of: model)?.link else { continue }
            let isHeldAlone = write.steps.allSatisfy { if case .update = $0 { true } else { false } }
            if !isHeldAlone { fields += own }
        }
        return fields.isEmpty ? referenceLock : compiler.lock(changing: fields, of: model)
    }

    /// Returns the lock for a record to which another one will refer. Foreign keys take it by themselves.
    var referenceLock: RowLock { schema.datasource?.relationMode == .prisma ? .keyShare : .none }
}
