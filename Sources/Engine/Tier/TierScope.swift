import Cache
import Postgres
import Schema
import Text
import Tier

/// Separates the answers of different databases, roles and data models in a tier.
struct TierScope: Sendable {
    /// The state of the hash after database, role and model.
    private let start: SHA256

    init(_ settings: ConnectionSettings, _ schema: Schema) {
        var hash = SHA256()
        for part in [settings.identity, schema.canonicalDescription] {
            TierScope.add(Array(part.utf8), to: &hash)
        }
        start = hash
    }

    /// Returns what tells snapshots apart, beside database and data model: 32 bytes.
    func name(ofSnapshot parts: [String]) -> [UInt8] {
        var hash = start
        for part in parts { TierScope.add(Array(part.utf8), to: &hash) }
        return hash.finish()
    }

    /// Returns the name of an answer, 32 bytes. It is equal for equivalent requests in any process.
    /// - Parameter tags: in ascending order.
    func name(of bound: borrowing BoundPlan, salt: [UInt8], tags: [UInt64]) -> [UInt8] {
        var request = bound.plan.signature
        request.update(bound.parameters.bytes)
        var hash = start
        hash.update(request.finish())
        TierScope.add(salt, to: &hash)
        for tag in tags { withUnsafeBytes(of: tag.littleEndian) { hash.update($0) } }
        return hash.finish()
    }

    /// Adds bytes with their length, so that what follows cannot be taken for a part of them.
    private static func add(_ bytes: [UInt8], to hash: inout SHA256) {
        withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { hash.update($0) }
        hash.update(bytes)
    }
}
