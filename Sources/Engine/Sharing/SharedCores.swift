import Concurrency
import Postgres
import Schema
import Text

/// The cores of this process that clients share by `cache.name`, with the number of clients of each.
///
/// Cores that a child of `fork()` inherits do not serve the child's clients, and stay as they are.
enum SharedCores {
    /// Clients with equal keys share a core.
    struct Key: Sendable, Equatable {
        let name: ExactString
        let database: ExactString
        let schema: ExactString
        /// The mark of the process.
        let mark: UInt64

        init(_ name: String, _ settings: ConnectionSettings, _ schema: Schema) {
            self.name = ExactString(name)
            database = ExactString(settings.identity)
            self.schema = ExactString(schema.canonicalDescription)
            mark = ForkMark.current()
        }
    }

    struct Entry: Sendable {
        let key: Key
        let core: Core
        var clients: Int
        /// Whether its last client is being closed, and its snapshot may still be written.
        var isClosing = false
    }

    private struct Registry: Sendable {
        var entries: [Entry] = []
        /// How many cores with a snapshot have been closed.
        var closings: UInt64 = 0

        func place(of key: Key) -> Int? { entries.firstIndex { $0.key == key && !$0.isClosing } }
    }

    private static let registry = Lock(Registry(), forTheProcess: true)
    /// Signalled when a core with a snapshot has been closed.
    private static let closed = EventCount()

    /// Returns the core of that key and counts one more client. Nil if there is none.
    static func join(_ key: Key) -> Core? {
        registry.withLock { registry in
            guard let place = registry.place(of: key) else { return nil }
            registry.entries[place].clients += 1
            return registry.entries[place].core
        }
    }

    /// Like `join`; if there is none, `fresh` becomes it. Nil if a core with a snapshot is being closed, or has been since `closings`.
    static func join(_ key: Key, or fresh: Core, since closings: UInt64) -> Core? {
        registry.withLock { registry in
            if let place = registry.place(of: key) {
                registry.entries[place].clients += 1
                return registry.entries[place].core
            }
            // Why: it has read a snapshot that may have been replaced.
            if fresh.snapshot != nil, registry.closings != closings || registry.entries.contains(where: { $0.key == key }) { return nil }
            registry.entries.append(Entry(key: key, core: fresh, clients: 1))
            return fresh
        }
    }

    /// Waits until no core of that key is being closed. Returns how many have been.
    static func awaitClosings(_ key: Key) -> UInt64 {
        while true {
            let seen = closed.count
            let (isClosing, closings) = registry.withLock { registry in (registry.entries.contains { $0.key == key && $0.isClosing }, registry.closings) }
            if !isClosing { return closings }
            closed.wait(after: seen, until: .never)
        }
    }

    /// Counts one client less. Returns true if it was the last one, or if its core was never shared. The caller then closes the core, and calls `end`.
    static func leave(_ core: Core) -> Bool {
        registry.withLock { registry in
            guard let place = registry.entries.firstIndex(where: { $0.core === core }) else { return true }
            registry.entries[place].clients -= 1
            if registry.entries[place].clients > 0 { return false }
            if core.snapshot != nil { registry.entries[place].isClosing = true } else { registry.entries.remove(at: place) }
            return true
        }
    }

    /// To be called when a core has been closed.
    static func end(_ core: Core) {
        if core.snapshot == nil { return }
        registry.withLock { registry in
            guard let place = registry.entries.firstIndex(where: { $0.core === core }) else { return }
            registry.entries.remove(at: place)
            registry.closings += 1
        }
        closed.signal()
    }
}

extension Core {
    /// Returns the core for a configuration: an open shared one, or a new one.
    static func open(_ configuration: Configuration) throws(Failure) -> Core {
        let schema = try configuration.schema?.readSchema() ?? Schema.none
        var settings = try ConnectionSettings(url: try configuration.readURL(schema))
        settings.answerBytes = configuration.limits.responseBytes
        guard let name = configuration.cacheName else { return try fresh(configuration, schema, settings) }
        let key = SharedCores.Key(name, settings, schema)
        while true {
            if let known = SharedCores.join(key) { return try agreed(known, configuration, settings) }
            let closings = SharedCores.awaitClosings(key)
            let fresh = try fresh(configuration, schema, settings)
            let core = SharedCores.join(key, or: fresh, since: closings)
            if core === fresh { return fresh }
            // Another thread was faster.
            fresh.snapshot?.discard()
            fresh.interrupt()
            fresh.close()
            if let core { return try agreed(core, configuration, settings) }
        }
    }

    private static func fresh(
        _ configuration: Configuration, _ schema: Schema, _ settings: ConnectionSettings
    ) throws(Failure) -> Core {
        let core = try Core(configuration, schema, settings)
        core.start()
        return core
    }

    private static func agreed(_ core: Core, _ configuration: Configuration, _ settings: ConnectionSettings) throws(Failure) -> Core {
        guard let path = core.difference(from: configuration, settings) else { return core }
        // Why: the client that opened it may have been closed meanwhile.
        if SharedCores.leave(core) {
            core.interrupt()
            core.close()
        }
        throw Configuration.failure(
            "`\(path)` differs from that of the client that is open with the same `cache.name`. Clients that share a cache have to agree.",
            path: path)
    }
}
