import Concurrency
import Postgres
import Schema
import Text

/// The cores of this process that clients share by `cache.name`, with how many clients each has.
///
/// Those that a child of `fork()` inherits are not for its clients, and stay as they are.
enum SharedCores {
    /// Clients with the same one share a core.
    struct Key: Sendable, Equatable {
        let name: ExactString
        let database: ExactString
        let schema: ExactString
        /// Of the process.
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

    /// The core of that key, and a client more of it. Where there is none, `fresh` becomes it; nil when that is nil, too.
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

    /// A client less. True when it was the last, or its core was never shared: then the core is to be closed, and no one finds it any more.
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
    /// The core of a client with that configuration: one that is shared and open already, or a new one.
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
