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
    }

    private static let entries = Lock<[Entry]>([], forTheProcess: true)

    /// Returns the core of that key and counts one more client. If there is none, `fresh` becomes it, unless `fresh` is nil.
    static func join(_ key: Key, or fresh: Core? = nil) -> Core? {
        entries.withLock { entries in
            if let place = entries.firstIndex(where: { $0.key == key }) {
                entries[place].clients += 1
                return entries[place].core
            }
            if let fresh { entries.append(Entry(key: key, core: fresh, clients: 1)) }
            return fresh
        }
    }

    /// Counts one client less. Returns true if it was the last one, or if its core was never shared. The caller then closes the core.
    static func leave(_ core: Core) -> Bool {
        entries.withLock { entries in
            guard let place = entries.firstIndex(where: { $0.core === core }) else { return true }
            entries[place].clients -= 1
            if entries[place].clients > 0 { return false }
            entries.remove(at: place)
            return true
        }
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
        if let known = SharedCores.join(key) { return try agreed(known, configuration, settings) }
        let fresh = try fresh(configuration, schema, settings)
        guard let core = SharedCores.join(key, or: fresh), core !== fresh else { return fresh }
        // Another thread was faster.
        fresh.interrupt()
        fresh.close()
        return try agreed(core, configuration, settings)
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
