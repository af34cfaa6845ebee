import Testing

@testable import Writes

/// Ids that the client makes.
@Suite struct GeneratedTextTests {
    @Test func `where the kernel gives no randomness an id is another one each time`() {
        let words = (0..<10_000).map { _ in GeneratedText.standIn() }
        #expect(Set(words).count == words.count)
        let bits = words.reduce(0) { $0 + $1.nonzeroBitCount }
        #expect((31.5...32.5).contains(Double(bits) / Double(words.count)), "and all of its bits change")
    }
}
