import CLinux
import Text
import Tier

extension Configuration {
    /// `"snapshot": "path", "snapshotMinutes", "snapshotTrust": "tier" | "ttl"` of `cache`.
    struct Snapshot: Sendable, Equatable {
        /// What says that an answer still holds.
        enum Trust: String, Sendable, CaseIterable {
            /// The versions of its tags, which the tier has.
            case tier
            /// Its age alone: what was changed while the process was down is not seen.
            case ttl
        }

        let path: String
        let minutes: Int?
        let trust: Trust

        /// Nil where there is none.
        init?(_ section: Section, tier: Tier?) throws(Failure) {
            let minutes = try section.whole("snapshotMinutes", Limits.snapshotMinutes)
            let word = try section.text("snapshotTrust")
            guard let path = try section.text("snapshot") else {
                if minutes != nil { throw Configuration.failure("`cache.snapshotMinutes` needs `cache.snapshot`.", path: "cache.snapshotMinutes") }
                if word != nil { throw Configuration.failure("`cache.snapshotTrust` needs `cache.snapshot`.", path: "cache.snapshotTrust") }
                return nil
            }
            guard let trust = Trust(rawValue: word ?? "tier") else {
                throw Configuration.failure("`cache.snapshotTrust` has to be \"tier\" or \"ttl\".", path: "cache.snapshotTrust")
            }
            if trust == .tier, tier?.settings.isListening != true {
                throw Configuration.failure(
                    "`cache.snapshot` needs a `cache.tier` that listens, which tells what was changed while the process was down; or \"snapshotTrust\": "
                        + "\"ttl\": then each answer is served until its `ttl` and `swr` are over.", path: "cache.snapshotTrust")
            }
            self.path = try Snapshot.whole(path)
            (self.minutes, self.trust) = (minutes, trust)
        }

        /// The path from the root: the process may go elsewhere before it is written.
        private static func whole(_ path: String) throws(Failure) -> String {
            var whole = path
            if !path.hasPrefix("/"), let folder = getcwd(nil, 0) {
                whole = String(cString: folder) + "/" + path
                free(folder)
            }
            let folder = whole.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(whole[..<$0]) } ?? ""
            guard !path.isEmpty, !path.hasSuffix("/"), access(folder.isEmpty ? "/" : folder, W_OK) == 0 else {
                throw Configuration.failure("`cache.snapshot` has to name a file in a folder that can be written.", path: "cache.snapshot")
            }
            return whole
        }
    }
}
