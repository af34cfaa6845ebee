import CLinux
import Query
import Text

/// A folder of migrations in Prisma Migrate's format: `20240131120000_name/migration.sql`, and `migration_lock.toml`.
struct MigrationFolder {
    struct Entry {
        var name: String
        var script: String
        /// SHA-256 of the file in hexadecimal, as in `_prisma_migrations`.
        var checksum: String
    }

    /// Ordered by name, and so by time.
    private(set) var entries: [Entry] = []

    init(_ path: String) throws(Failure) {
        guard let names = File.entries(path) else {
            throw .parameter(.unknownValue, at: "args.path", "is not the path of a folder that can be read.")
        }
        try Self.checkProvider(path)
        for name in names.sorted(by: { ExactString($0) < ExactString($1) }) where linux_is_folder(path + "/" + name) {
            let file = path + "/" + name + "/migration.sql"
            guard let bytes = File.read(file, atMost: Limits.migrationBytes) else {
                throw Failure(
                    .invalidRequest, code: "P3015",
                    "Could not find the migration file at `\(file)`. Please delete the directory or restore the migration file.")
            }
            var checksum = ByteBuffer(capacity: 64)
            for byte in bytes.withUnsafeBytes({ SHA256.hash($0) }) { checksum.append(hex: byte) }
            // Why without it: an editor's UTF-8 mark is not SQL. The checksum is of the whole file, as Prisma's is.
            let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
            // Why refused: repaired, it would write other values than those of the file.
            guard let script = String(validating: text, as: UTF8.self) else {
                throw Failure(.invalidRequest, code: "P3015", "The migration file at `\(file)` is not text in UTF-8. Please save it in that encoding.")
            }
            entries.append(Entry(name: name, script: script, checksum: checksum.string()))
        }
    }

    /// Checks that the lock file says `provider = "postgresql"`.
    private static func checkProvider(_ path: String) throws(Failure) {
        guard let bytes = File.read(path + "/migration_lock.toml", atMost: 1 << 16) else { return }
        for line in bytes.split(separator: UInt8(ascii: "\n")) where line.starts(with: "provider".utf8) {
            let parts = line.split(separator: UInt8(ascii: "\""), omittingEmptySubsequences: false)
            let provider = parts.count > 1 ? String(decoding: parts[1], as: UTF8.self) : ""
            if provider != "postgresql", provider != "postgres" {
                throw Failure(
                    .invalidRequest, code: "P3019",
                    "The datasource provider `postgresql` does not match the one specified in the migration_lock.toml, `\(provider)`.")
            }
        }
    }
}
