import Catalog
import Concurrency
import Synchronization
import Telemetry
import Text

/// `"check"` of the configuration: the schema is compared with the database before the first request that relies on it is sent.
///
/// Any thread. Several that come at once each compare, so none waits for another one beyond its own deadline.
final class FirstCheck: Sendable {
    typealias Mode = Configuration.CheckMode

    private enum Limits {
        /// How many differences are logged.
        static let told = 20
    }

    private let mode: Mode
    private let isDone = Atomic<Bool>(false)

    init(_ mode: Mode) { self.mode = mode }

    /// Returns at once when nothing was found before. With `error` it fails as long as something suffers from a difference.
    func pass(_ client: Client, until deadline: Deadline) throws(Failure) {
        if isDone.load(ordering: .relaxed) { return }
        switch mode {
        case .warn:
            // Why before: the others need not wait for a warning.
            if isDone.exchange(true, ordering: .relaxed) { return }
            do throws(Failure) {
                for difference in try find(client, deadline).prefix(Limits.told) {
                    client.log?.tell(.warn, "schema", "The schema and the database differ: \(difference)")
                }
            } catch {
                client.log?.tell(.warn, "schema", "The schema could not be compared with the database: \(error.message)")
            }
        case .error:
            let found = try find(client, deadline)
            guard found.isEmpty else { throw .schemaDiffers(Array(found.prefix(Limits.told)), count: found.count) }
            isDone.store(true, ordering: .relaxed)
        }
    }

    /// What differs so that something suffers.
    private func find(_ client: Client, _ deadline: Deadline) throws(Failure) -> [String] {
        let check = try client.compareSchema("$schema.check", until: deadline)
        return check.differences.filter { !$0.affects.isEmpty }.map { difference in
            "\(difference.path): \(difference.kind.rawValue), schema \(difference.schema ?? "nothing"), database \(difference.database ?? "nothing")"
        }
    }
}

extension Failure {
    fileprivate static func schemaDiffers(_ differences: [String], count: Int) -> Failure {
        Failure(
            .invalidConfiguration, code: "P6001",
            "The schema and the database differ in \(count) places, which `\"check\": \"error\"` does not allow: \(differences.joined(separator: "; ")). `$schema.check` tells all.",
            meta: [("path", .text("check")), ("differences", .texts(differences))])
    }
}
