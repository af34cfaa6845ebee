/// The one error type of the library: what a caller gets when a step fails.
///
/// A message names the field and what was expected. It never holds a value of the data, and never a secret. `meta` carries the same facts
/// for programs, under Prisma's keys where Prisma has one.
package struct Failure: Error, Sendable, Equatable {
    /// The class of a failure, for a program to branch on. The raw values are the statuses of `accelerant.h`.
    package enum Status: Int32, Sendable, CaseIterable {
        case misuse = -1
        case invalidRequest = -2
        case invalidConfiguration = -3
        case notFound = -4
        case constraint = -5
        case conflict = -6
        case unavailable = -7
        case outcomeUnknown = -8
        case timeout = -9
        case cancelled = -10
        case overloaded = -11
        case tooLarge = -12
        case denied = -13
        case closed = -14
        case forked = -15
        case database = -16
        case `internal` = -17
    }

    /// A fact about the failure, written as JSON under `meta`.
    package enum Fact: Sendable, Equatable {
        case text(String)
        case number(Int)
        case truth(Bool)
        case texts([String])
    }

    package var status: Status
    /// Prisma's code: `P2025`, `P6005`, …
    package var code: String
    package var message: String
    /// The facts of `meta`, in the order in which they are written.
    package var meta: [(key: String, value: Fact)]
    /// The SQLSTATE, five characters, when the server refused. Nil otherwise.
    package var sqlState: String?
    /// The table that a violated constraint belongs to. It is not written; the columns in `meta` belong to it.
    package var table: String?
    /// True if the same request may succeed when it is sent again unchanged.
    package var isRetryable: Bool

    package init(
        _ status: Status, code: String, _ message: String, meta: [(key: String, value: Fact)] = [],
        sqlState: String? = nil, isRetryable: Bool = false
    ) {
        self.status = status
        self.code = code
        self.message = message
        self.meta = meta
        self.sqlState = sqlState
        self.isRetryable = isRetryable
    }

    package static func == (left: Failure, right: Failure) -> Bool {
        left.status == right.status && left.code == right.code && left.message == right.message
            && left.sqlState == right.sqlState && left.isRetryable == right.isRetryable
            && left.meta.elementsEqual(right.meta) { $0.key == $1.key && $0.value == $1.value }
    }
}

extension Failure {
    /// What is known of a write that ended without the server's reply. The message ends with it.
    package enum Outcome: String, Sendable, CaseIterable {
        case undone = " Nothing was written."
        case doubtful = " A statement that may write was running: it may or may not have happened."
    }

    /// What the message says of the outcome; nil if it says nothing.
    package var outcome: Outcome? { Outcome.allCases.first { message.hasSuffix($0.rawValue) } }

    package func ending(_ outcome: Outcome) -> Failure {
        var failure = self
        failure.message += outcome.rawValue
        return failure
    }

    /// The failure of a write that is in doubt or committed only if the failure says so. A timeout or a cancellation that does not says from
    /// here on that nothing was written.
    package var undoneUnlessSaid: Failure {
        guard status == .timeout || status == .cancelled, outcome == nil, !isAfterCommit else { return self }
        return ending(.undone)
    }

    /// True if the failure was found after the write had been committed.
    package var isAfterCommit: Bool { meta.contains { $0.key == "committed" } }

    /// The same failure, found after the server had committed what the request does. `sentence` says that to people, `meta.committed` to programs.
    package func afterCommit(_ sentence: String) -> Failure {
        var failure = self
        failure.message += " " + sentence
        failure.meta.append(("committed", .truth(true)))
        return failure
    }
}
