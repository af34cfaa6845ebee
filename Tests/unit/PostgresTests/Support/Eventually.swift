import Concurrency
import Foundation
import Testing

@testable import Postgres

/// Waits until something is so. Throws when that takes longer, so that no fault makes a test wait for ever.
func eventually(_ what: Comment, seconds: Int = 30, _ isSo: () throws -> Bool, location: SourceLocation = #_sourceLocation) throws {
    let end = Deadline.after(milliseconds: seconds * 1_000)
    while try !isSo() {
        try #require(Deadline.now < end, what, sourceLocation: location)
        usleep(1_000)
    }
}
