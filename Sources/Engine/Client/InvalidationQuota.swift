import Concurrency
import Text

/// The configured limits on invalidation, if there are any: tags per day, and calls of `invalidateAll` per hour.
///
/// A period begins with the first use in it. It uses the client's clock.
final class InvalidationQuota: Sendable {
    // Why not private: the compiler (6.3.1) fails on a Lock of a private nested type in unoptimised builds.
    struct Allowance {
        let limit: Int?
        let periodNanoseconds: UInt64
        var used = 0
        var begin: UInt64?

        /// Takes `amount` from what is left. Returns false, and takes nothing, if that is too little.
        mutating func take(_ amount: Int, now: UInt64) -> Bool {
            guard let limit else { return true }
            if let begin, now &- begin < periodNanoseconds {
                guard amount <= limit - used else { return false }
                used += amount
                return true
            }
            guard amount <= limit else { return false }
            begin = now
            used = amount
            return true
        }
    }

    private let tags: Lock<Allowance>
    private let all: Lock<Allowance>

    init(_ limits: Limits) {
        let hour: UInt64 = 3_600_000_000_000
        tags = Lock(Allowance(limit: limits.invalidatedTagsPerDay, periodNanoseconds: 24 * hour))
        all = Lock(Allowance(limit: limits.invalidateAllPerHour, periodNanoseconds: hour))
    }

    func takeTags(_ count: Int, now: UInt64) throws(Failure) {
        if !tags.withLock({ $0.take(count, now: now) }) { throw InvalidationQuota.failure("invalidatedTagsPerDay") }
    }

    func takeAll(now: UInt64) throws(Failure) {
        if !all.withLock({ $0.take(1, now: now) }) { throw InvalidationQuota.failure("invalidateAllPerHour") }
    }

    private static func failure(_ limit: String) -> Failure {
        Failure(
            .overloaded, code: "P6003",
            "The cache invalidation rate limit has been reached: `\(limit)` of the configuration's `limits`.",
            meta: [("limit", .text(limit))], isRetryable: true)
    }
}
