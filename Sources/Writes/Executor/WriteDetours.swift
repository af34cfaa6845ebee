import Postgres
import Query
import SQL
import Schema
package import Text

/// The other ways that a write takes where the database lacks something. It shows only while the write runs, because the schema does not
/// say it.
struct WriteDetours: OptionSet, Sendable {
    let rawValue: UInt8

    /// Records are looked up and then written, instead of `ON CONFLICT`. That needs a unique index which is neither partial nor deferrable.
    static let conflictsByHand = WriteDetours(rawValue: 1)
    /// Rows are identified by their keys, without `tableoid`. A view has none, and a role with rights to some columns only may not read it.
    static let keysAlone = WriteDetours(rawValue: 2)
}

extension WriteExecutor {
    /// The name of a savepoint that only this code sets.
    private static var detourSavepoint: Int { 1_000_000_000 }

    /// Carries out the write and writes its answer. When it returns, the transaction is committed. When it throws, nothing was written,
    /// with one exception that the failure names: the answer of a single statement is over the size limit after the commit that travelled
    /// with it.
    ///
    /// A write that needs a detour is begun again. In a transaction that others share, the first write of its kind sets a savepoint for
    /// this. So does each one that may need another way than those before it.
    package func execute(into answer: inout ByteBuffer) throws(Failure) {
        let known = prepared.knownDetours
        detours = known.taken
        let mayDetour = prepared.mayDetour
        let isGuarded = mayDetour && isShared && (!known.areKnown || (changesOwnKey && !known.taken.contains(.conflictsByHand)))
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
                guard isGuarded ? try takeBack(to: Self.detourSavepoint) : startAnew() else {
                    // Why: the database has changed. The next write of this kind sets a savepoint again.
                    prepared.learn(detours, areKnown: false)
                    throw error
                }
                detours.insert(detour)
                prepared.learn(detours, areKnown: false)
            }
        }
    }

    /// True if the request is an upsert that gives the record another key than it was looked up by.
    ///
    /// Why it matters: the key holds the columns by which a table is partitioned. `ON CONFLICT` moves no row to another partition, and
    /// whether it would have to depends on the values.
    private var changesOwnKey: Bool {
        guard case .upsert(let filter, _, let updated, _) = prepared.request.body else { return false }
        let wanted = Self.equalities(filter)
        return updated.scalars.contains { field, change in
            guard let slot = wanted[field] else { return false }
            if case .set(let other) = change { return !parameters.equal(slot, other) }
            return true
        }
    }

    /// Inserts records one by one, except for those one of whose keys exists.
    func createAbsent(_ model: Int, _ data: [WriteData], fixed: Record = [:]) throws(Failure) -> [Record] {
        let fields = identifier(of: model)
        var records: [Record] = []
        for row in data {
            let rows = try rows([cells(row, fixed: fixed)], of: model)
            let keys = schema.models[model].selectors.compactMap { filter(key: $0.fields, rows) }
            if !keys.isEmpty, try !find(model, .any(keys), [], .none).isEmpty { continue }
            let statement = compiler.insert(model, rows, WriteCompiler.Returning(keys: fields))
            records += try self.records(try execute(statement), fields, of: model, from: statement.firstKey)
        }
        return records
    }

    /// Returns the condition that a record has the values of a new one in the fields of a key. Nil where the database makes one of them, or
    /// one is NULL.
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
    /// True if it changes few enough records that the statement has to identify each.
    fileprivate var hasLimit: Bool {
        switch body {
        case .updateMany(_, _, let limit, _), .deleteMany(_, let limit): limit != nil
        case .upsert, .createMany, .create, .update, .delete: false
        }
    }

    /// True if it may contain what a database can lack something for.
    var mayDetour: Bool {
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
    /// True if something below it is created unless it exists.
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
