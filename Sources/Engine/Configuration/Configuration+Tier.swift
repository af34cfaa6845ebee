import Telemetry
import Text
import Tier

extension Configuration {
    /// `"tier": {"url": "redis://…" or "redis-sentinel://…", "prefix", "timeoutMs", "maxEntryBytes", "listen", "key"}`
    struct Tier: Sendable, Equatable {
        var address: RedisAddress
        var prefix = "accelerant"
        var settings = SecondTier.Settings()
        /// Nil where values are not sealed.
        var key: [UInt8]?

        init(_ section: Section) throws(Failure) {
            try section.refuseUnknown(["url", "prefix", "timeoutMs", "maxEntryBytes", "listen", "key"])
            guard let url = try section.text("url") else {
                throw Configuration.failure("`cache.tier.url` is needed, as in redis://host:6379/0.", path: "cache.tier.url")
            }
            do {
                address = try RedisAddress(url)
            } catch {
                throw Configuration.failure("`cache.tier.url` \(error.reason).", path: "cache.tier.url")
            }
            if let prefix = try section.text("prefix") {
                guard Limits.tierPrefixBytes.contains(prefix.utf8.count), prefix.utf8.allSatisfy(Self.isPlain) else {
                    throw Configuration.failure(
                        "`cache.tier.prefix` has to be 1 to \(Limits.tierPrefixBytes.upperBound) letters, digits, or `-`, `_`, `.`, `:` and `/`.",
                        path: "cache.tier.prefix")
                }
                self.prefix = prefix
            }
            if let value = try section.whole("timeoutMs", Limits.tierTimeouts) { settings.timeoutMilliseconds = value }
            if let value = try section.whole("maxEntryBytes", Limits.tierEntryBytes) { settings.maxEntryBytes = value }
            settings.isListening = try section.truth("listen") ?? true
            if let text = try section.text("key") {
                guard let key = TierKey.read(text) else {
                    throw Configuration.failure(
                        "`cache.tier.key` has to be \(TierKey.bytes) bytes, as base64 or as hexadecimal digits: `openssl rand -base64 \(TierKey.bytes)` makes one.",
                        path: "cache.tier.key")
                }
                self.key = key
            }
        }

        private static func isPlain(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
            default: "-_.:/".utf8.contains(byte)
            }
        }

        /// Returns the tier, which is not connected yet, and what seals with its key.
        func open(_ clock: Clock, _ log: Log?) throws(Failure) -> (tier: SecondTier, sealer: EngineSealer?) {
            let library: EngineLibrary
            do {
                library = try EngineLibrary()
            } catch {
                throw Configuration.failure(
                    "`cache.tier` needs the library libaccelerant-redis.so beside libaccelerant.so or where the system looks: \(error.reason).",
                    path: "cache.tier")
            }
            if address.isEncrypted, let refusal = library.encryptionRefusal {
                throw Configuration.failure(
                    "`cache.tier.url` begins with rediss://, and \(refusal). Use redis:// in a private network, or a tunnel on this machine.",
                    path: "cache.tier.url")
            }
            let sealer = try sealer(library)
            let store = RedisTier(library, address, prefix: prefix, entryLimit: settings.maxEntryBytes, form: EntryForm(sealer))
            var manualClock: (@Sendable () -> Int64)?
            if clock.isManual { manualClock = { Int64(clamping: clock.now / 1000) } }
            let tier = SecondTier(store, settings, manualClock: manualClock) { report in
                switch report {
                case .connected: log?.tell(.info, "tier", "The tier is connected.")
                case .lost(let words): log?.tell(.warn, "tier", "The tier is not used until it answers again: \(words).")
                case .moved: log?.tell(.info, "tier", "Another server is the tier's primary now.")
                case .refused(let words): log?.tell(.error, "tier", "The tier cannot be used: \(words).")
                }
            }
            return (tier, sealer)
        }

        private func sealer(_ library: EngineLibrary) throws(Failure) -> EngineSealer? {
            guard let key else { return nil }
            do {
                return try EngineSealer(library, key: key)
            } catch {
                throw Configuration.failure("`cache.tier.key` cannot be used: \(error.reason).", path: "cache.tier.key")
            }
        }
    }
}
