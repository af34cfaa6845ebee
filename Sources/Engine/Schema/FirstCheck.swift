import Catalog
import Concurrency
import Synchronization
import Telemetry
import Text

/// `"check"` of the configuration: compares the schema with the database before the first request that relies on the schema.
///
/// Any thread may use it. Callers that arrive together each compare, so none waits for another one beyond its own deadline.
final class FirstCheck: Sendable {
    typealias Mode = Configuration.CheckMode

    private let mode: Mode
    private let isDone = Atomic<Bool>(false)

    init(_ mode: Mode) { self.mode = mode }

    /// `pass` has nothing to do any more.
    var hasPassed: Bool { isDone.load(ordering: .relaxed) }

    /// Returns at once if an earlier check found nothing. With `error` it fails while a difference affects requests.
    func pass(_ client: Client, _ context: RequestContext) throws(Failure) {
        if isDone.load(ordering: .relaxed) { return }
        switch mode {
        case .warn:
            // Why before the comparison: other callers need not wait for a warning.
            if isDone.exchange(true, ordering: .relaxed) { return }
            do throws(Failure) {
                for difference in try find(client, context).prefix(Limits.toldDifferences) {
                    client.log?.tell(.warn, "schema", "The schema and the database differ: \(difference)")
                }
            } catch {
                client.log?.tell(.warn, "schema", "The schema could not be compared with the database: \(error.message)")
            }
        case .error:
            let found = try find(client, context)
            guard found.isEmpty else { throw .schemaDiffers(Array(found.prefix(Limits.toldDifferences)), count: found.count) }
            isDone.store(true, ordering: .relaxed)
        }
    }

    /// Returns the differences that affect requests.
    private func find(_ client: Client, _ context: RequestContext) throws(Failure) -> [String] {
        let check = try client.compareSchema("$schema.check", context)
        return check.differences.filter { !$0.affects.isEmpty }.map { difference in
            "\(difference.path): \(difference.kind.rawValue), schema \(difference.schema ?? "nothing"), database \(difference.database ?? "nothing")"
        }
    }
}

extension Failure {
    fileprivate static func schemaDiffers(_ differences: [String], count: Int) -> Failure {
        Failure(
            .invalidConfiguration, code: "P6001",
            "The schema and the database differ in \(count) places, which `\"check\": \"error\"` does not allow: \(differences.joined(separator: "; ")). `$schema.check` lists all.",
            meta: [("path", .text("check")), ("differences", .texts(differences))])
    }
}
