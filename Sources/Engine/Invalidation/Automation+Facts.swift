import Cache
import Locking
import Postgres
import SQL
import Telemetry
import Text

/// How an automatic client comes to know its database.
extension Automation {
    /// What is known, and whether somebody is asking just now.
    struct Knowledge {
        /// Nil when nothing is known, or it may be so no more.
        var facts: DatabaseFacts?
        /// When that was asked for, in nanoseconds of the monotonic clock.
        var time: UInt64 = 0
        var isAsking = false
        /// When it may be asked for again after that failed.
        var patience: UInt64 = 0
        /// How often something was defined that makes facts doubtful.
        var doubts: UInt64 = 0
    }

    var facts: DatabaseFacts? { knowledge.withLock { $0.facts } }

    /// The tables may not be what they were: a statement defined something.
    func doubtFacts() {
        knowledge.withLock { knowledge in
            knowledge.facts = nil
            knowledge.doubts += 1
        }
    }

    /// The number of doubts so far if the caller has to ask, and nobody else does.
    fileprivate func beginAsking(now: UInt64, notOlderThan age: UInt64) -> UInt64? {
        knowledge.withLock { knowledge in
            if knowledge.facts != nil, now &- knowledge.time < age { return nil }
            guard !knowledge.isAsking, now >= knowledge.patience else { return nil }
            knowledge.isAsking = true
            return knowledge.doubts
        }
    }

    /// Ends what `beginAsking` began at `begin`. Whether facts turned out to be others than they were taken for.
    fileprivate func endAsking(_ facts: DatabaseFacts?, begin: UInt64, doubts: UInt64) -> Bool {
        knowledge.withLock { knowledge in
            knowledge.isAsking = false
            guard let facts else {
                knowledge.patience = begin &+ Limits.factsPatienceNanoseconds
                return false
            }
            // Why: what was defined meanwhile may not be among them.
            guard doubts == knowledge.doubts else { return false }
            defer { (knowledge.facts, knowledge.time) = (facts, begin) }
            return knowledge.facts.map { $0 != facts } ?? false
        }
    }
}

extension Core {
    /// Called when it is noticed that the catalog is not what it was, or may not be: tables, columns, types, triggers, policies, privileges.
    /// What relies on any of it is to be forgotten here. Any thread; more than once for one change.
    func catalogChanged() { pool.forgetStatements() }
}

extension Client {
    func catalogChanged() { core.catalogChanged() }

    /// Asks the database what automatic invalidation has to know of it, if that is not known, or is older than `age` nanoseconds.
    ///
    /// Before the first automatic answer, and before a query when a minute has passed. What cannot be known now is taken for the worst.
    func askForFacts(notOlderThan age: UInt64 = .max, until deadline: Deadline) {
        let now = Clock.monotonic
        guard let doubts = automation.beginAsking(now: now, notOlderThan: age) else { return }
        var facts: DatabaseFacts?
        do throws(Failure) {
            var answer = ByteBuffer(capacity: 4096)
            telemetry.databaseQueries.add()
            try pool.runRaw(
                CatalogFacts.statement, try automation.catalog.parameters(), types: [CatalogQuestion.textType, CatalogQuestion.textType],
                returnsRows: true, limit: Limits.factsBytes, until: deadline, into: &answer)
            facts = DatabaseFacts(try JSONDocument(scanning: answer.bytes), of: automation.catalog.tables, automation.actions)
        } catch {}
        if automation.endAsking(facts, begin: now, doubts: doubts) {
            cache.invalidate(tags: [AutomaticTag.everything], isCounted: false)
            catalogChanged()
        }
    }
}
