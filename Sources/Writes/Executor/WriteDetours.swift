import Postgres
import Query
import SQL
import Schema
package import Text

/// What a write does in another way because the database lacks something. No one can know that before: the schema does not say it.
struct WriteDetours: OptionSet, Sendable {
    let rawValue: UInt8

    /// Records are looked up and then written, instead of `ON CONFLICT`, which needs a unique index that is neither partial nor deferrable.
    static let conflictsByHand = WriteDetours(rawValue: 1)
    /// Rows are told apart by their keys without their table, instead of by both: a view has no `tableoid`, and who may read some columns
    /// only may not read it.
    static let keysAlone = WriteDetours(rawValue: 2)
}

extension WriteExecutor {
    /// Of a savepoint that no one else sets.
    private static var detourSavepoint: Int { 1_000_000_000 }

    /// Carries the write out and writes the answer. The transaction is committed when this returns. When it throws nothing has been
    /// written, unless the failure says so: one record that is over the size limit shows after a commit that travelled with it.
    ///
    /// A write that may need a detour is begun again where it does. In a transaction that others share it is the first of its kind that
    /// sets a savepoint for this.
    package func execute(into answer: inout ByteBuffer) throws(Failure) {
        let known = prepared.knownDetours
        detours = known.taken
        let mayDetour = prepared.request.mayDetour
        let isGuarded = mayDetour && !known.areKnown && isShared
        if isGuarded { try setGuard(Self.detourSavepoint) }
        while true {
            do throws(Failure) {
                try carryOutOnce(into: &answer)
                if isGuarded { try releaseGuard(Self.detourSavepoint) }
                if mayDetour { prepared.learn(detours, areKnown: true) }
                return
            } catch {
                guard mayDetour, let detour = error.detour, !detours.contains(detour), detour != .keysAlone || prepared.request.hasLimit
                else { throw error }
                guard isGuarded ? try takeBack(to: Self.detourSavepoint) : startAnew() else { throw error }
                detours.insert(detour)
                prepared.learn(detours, areKnown: false)
            }
        }
    }

    /// Inserts records one by one, each unless one of its keys is there already.
    func createAbsent(_ model: Int, _ data: [WriteData], fixed: Record = [:]) throws(Failure) -> [Record] {
        let fields = identifier(of: model)
        var records: [Record] = []
        for row in data {
            let rows = try rows([cells(row, fixed: fixed)], of: model)
            let keys = schema.models[model].selectors.compactMap { filter(key: $0.fields, rows) }
            if !keys.isEmpty, try !find(model, .any(keys), [], .none).isEmpty { continue }
            let statement = compiler.insert(model, rows, WriteCompiler.Returning(keys: fields))
            records += try self.records(try execute(statement), fields, from: statement.firstKey)
        }
        return records
    }

    /// The condition that a record has the values of a new one in the fields of a key; nil where those come from the database, or one is NULL.
    private func filter(key: [Int], _ rows: WriteCompiler.Rows) -> Filter? {
        var parts: [Filter] = []
        for field in key {
            guard let position = rows.columns.firstIndex(of: field), case .slot(let slot) = rows.cells[0][position] else { return nil }
            parts.append(Self.filter(field, .slot(slot)))
        }
        return .all(parts)
    }
}

extension WriteRequest {
    /// Whether it changes so many records at most, of which the statement has to tell one from another.
    fileprivate var hasLimit: Bool {
        switch body {
        case .updateMany(_, _, let limit, _), .deleteMany(_, let limit): limit != nil
        case .upsert, .createMany, .create, .update, .delete: false
        }
    }

    /// Whether it may hold what a database can lack something for.
    fileprivate var mayDetour: Bool {
        switch body {
        case .upsert: true
        case .createMany(let rows, let skips, _): skips || rows.contains(where: \.skipsDuplicates)
        case .updateMany, .deleteMany: hasLimit
        case .create(let data, _), .update(_, let data, _): data.skipsDuplicates
        case .delete: false
        }
    }
}

extension WriteData {
    /// Whether something below it is created unless it is there.
    fileprivate var skipsDuplicates: Bool {
        var open = [self]
        while let data = open.popLast() {
            for step in data.relations.flatMap(\.steps) {
                switch step {
                case .createMany(_, let skips): if skips { return true }
                case .create(let data), .connectOrCreate(_, let data), .update(_, let data): open.append(data)
                case .upsert(_, let created, let updated): open += [created, updated]
                case .connect, .disconnect, .set, .updateMany, .delete, .deleteMany: break
                }
            }
        }
        return false
    }
}
