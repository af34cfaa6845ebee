import Cache
import Concurrency
import Postgres
import SQL
import Schema
import Telemetry
import Text
import Tier

/// Receives what other processes changed and sends what was invalidated here, by PostgreSQL's LISTEN and NOTIFY.
///
/// While notifications may have been missed, automatic answers are neither found in the cache nor kept there (`Cache.suspend`). The same
/// always holds for tables without a trigger that reports changes. A hit costs nothing more.
final class ChangeFeed: Sendable {
    let origin: ChangeNotice.Origin
    private let tables: [ChangeTriggers.Table]
    private let hasViews: Bool
    private let triggerCoverage: LateInit<TriggerCoverage>
    private let listener = LateInit<Listener>()
    private let thread = LateInit<Thread>()
    private let cache: Cache
    private let tier: SecondTier?
    private let pool: Pool
    private let automaticInvalidation: AutomaticInvalidation
    private let log: Log?

    init(
        _ schema: Schema, _ settings: SQLSettings, _ cache: Cache, _ tier: SecondTier?, _ pool: Pool,
        _ automaticInvalidation: AutomaticInvalidation, _ log: Log?, _ origin: ChangeNotice.Origin
    ) {
        self.origin = origin
        self.cache = cache
        self.tier = tier
        self.pool = pool
        self.automaticInvalidation = automaticInvalidation
        self.log = log
        tables = automaticInvalidation.catalogScope.tables
        hasViews = schema.models.contains { $0.isView }
        triggerCoverage = LateInit()
        cache.suspend([AutomaticTag.everything])
    }

    /// Begins to listen on a thread of its own, which calls `applyInvalidations`.
    func start(
        _ settings: ConnectionSettings, silenceMilliseconds: Int, catalogChanged: @escaping @Sendable () -> Void,
        applyInvalidations: @escaping @Sendable (InvalidationSet) -> Void
    ) {
        let events = Listener.Events(
            caughtUp: { [unowned self] isContinuous in
                // Why: changes of the catalog in between were not seen.
                if !isContinuous { catalogMayHaveChanged(catalogChanged) }
                caughtUp(isContinuous: isContinuous)
            },
            lagging: { [unowned self] in
                lagging()
                catalogMayHaveChanged(catalogChanged)
            },
            receive: { [unowned self] in receive($0, applyInvalidations) },
            sendProbe: { [unowned self] in sendProbe($0, until: $1) })
        let listener = Listener(
            settings, channel: ChangeTriggers.name, heartbeat: ChangeSurvey.heartbeat(tables), silenceMilliseconds: silenceMilliseconds, log: log,
            events: events)
        self.listener.set(listener)
        thread.set(Thread { listener.run() })
    }

    /// Makes the thread end soon. Any thread may call it.
    func interrupt() { listener.value?.close() }

    /// Ends the thread and joins it.
    func close() {
        interrupt()
        thread.value?.join()
    }

    /// Waits until the listener has caught up.
    func awaitCaughtUp(_ context: RequestContext) throws(Failure) {
        guard let listener = listener.value else { return }
        try listener.awaitCaughtUp(until: context.deadline, cancellation: context.cancellation)
    }

    // MARK: Trust

    /// The catalog may have changed.
    private func catalogMayHaveChanged(_ catalogChanged: () -> Void) {
        automaticInvalidation.invalidateCatalog()
        catalogChanged()
    }

    private func caughtUp(isContinuous: Bool) {
        cache.suspend(triggerCoverage.value?.suspended ?? [AutomaticTag.everything])
        // Why: another client may have invalidated tags, or everything, while this one was not listening.
        if !isContinuous {
            tier.forward(.tags([AutomaticTag.everything.number])) { cache.invalidateAll(isCounted: false) }
        }
        let untracked = triggerCoverage.value?.untracked ?? []
        guard let log else { return }
        log.tell(.info, "listener", "The change listener has caught up.")
        if !untracked.isEmpty {
            let tables = untracked.map(\.text).joined(separator: ", ")
            log.tell(.warn, "listener", "These tables have no trigger that reports changes, so their automatic answers are not kept: \(tables).")
        }
    }

    private func lagging() {
        tier.forward(.tags([AutomaticTag.everything.number])) { cache.suspend([AutomaticTag.everything]) }
        log?.tell(.warn, "listener", "Changes may have been missed. Automatic answers are not kept until the listener has caught up.")
    }

    /// Asks the catalog which tables report their changes, and sends the probe. Both go over the pool, where reads go.
    private func sendProbe(_ number: UInt64, until deadline: Deadline) -> Result<Deadline, Failure> {
        do throws(Failure) {
            triggerCoverage.set(try survey(until: deadline))
            let sent = Deadline.now
            try notify(.probe(ChangeNotice.EchoProbe(origin: origin, number: number)), until: deadline, cancellation: nil)
            return .success(sent)
        } catch {
            return .failure(error)
        }
    }

    private func survey(until deadline: Deadline) throws(Failure) -> TriggerCoverage {
        var answer = ByteBuffer(capacity: 4096)
        try pool.runRaw(
            ChangeSurvey.statement, try automaticInvalidation.catalogScope.parameters(), types: [CatalogScope.textType, CatalogScope.textType],
            returnsRows: true, limit: Limits.catalogBytes, until: deadline, cancellation: nil, into: &answer)
        return try TriggerCoverage(of: tables, hasViews: hasViews, rows: try JSONDocument(scanning: answer.bytes).root)
    }

    // MARK: Saying and hearing

    /// Notifies all other processes: at once, or on a connection when its transaction commits.
    func notify(
        _ notice: ChangeNotice, on connection: Connection? = nil, until deadline: Deadline, cancellation: CancellationToken?
    ) throws(Failure) {
        guard let text = notice.text else { return }
        var parameters = ParameterList()
        try parameters.append { $0.append(ChangeTriggers.name) }
        try parameters.append { $0.append(text) }
        var answer = ByteBuffer()
        try pool.runRaw(
            ChangeSurvey.notification, parameters, types: [CatalogScope.textType, CatalogScope.textType], RawAnswer(.count), on: connection,
            limit: Limits.catalogBytes, until: deadline, cancellation: cancellation, into: &answer)
    }

    private func receive(_ notification: Notification, _ applyInvalidations: (InvalidationSet) -> Void) -> Listener.Meaning {
        guard let notice = ChangeNotice(notification.payload) else {
            applyInvalidations(InvalidationSet(isEverything: true))
            return .none
        }
        switch notice {
        case .probe(let probe): return probe.origin == origin ? .probe(probe.number) : .none
        case .catalog:
            pool.forgetStatements()
            return .needsResync
        case .table(let schema, let name, let origin):
            var tables = triggerCoverage.value?.tables(writtenBy: TriggerCoverage.Relation(schema: schema, name: name)) ?? []
            // The commit of such a statement has already applied what it did to the table that it names.
            if isOwn(origin, notification) { tables.subtract([ExactString("\(schema).\(name)"), ExactString(name)]) }
            if !tables.isEmpty, automaticInvalidation.isOn { drop(tables) }
        case .tags(let tags, let origin):
            if isOwn(origin, notification) { return .none }
            var changes = InvalidationSet()
            for tag in tags { changes.add(tag: tag) }
            applyInvalidations(changes)
        case .everything(let origin):
            if !isOwn(origin, notification) { applyInvalidations(InvalidationSet(isEverything: true)) }
        }
        return .none
    }

    /// Drops the automatic answers of tables. Triggers of other tables report what else a write changed.
    private func drop(_ tables: Set<ExactString>) {
        var tags = [AutomaticTag.anyTable]
        for table in tables {
            tags.append(AutomaticTag.table(table))
            tags.append(AutomaticTag.rows(of: table))
        }
        tier.forward(.tags(tags.map(\.number))) { cache.invalidate(tags: tags, isCounted: false) }
    }

    /// Returns true if the notification comes from this client and was applied here already.
    ///
    /// A notification from a connection that is gone, or that left a write in doubt, may have been committed after it was applied.
    private func isOwn(_ origin: ChangeNotice.Origin?, _ notification: Notification) -> Bool {
        origin == self.origin && pool.isServed(by: notification.sender)
    }

    // MARK: Watching

    var status: Listener.Status { listener.value?.readStatus() ?? Listener.Status() }

    /// Number of tables that do not report their changes. All of them, until it is known.
    var untrackedCount: Int { triggerCoverage.value?.untracked.count ?? tables.count }
}
