import Foundation

/// The seeds of random sequences of events: a few thousand, or as many as ACCELERANT_SEQUENCES says. A test that fails names its seed.
enum RandomSequences {
    /// Tests that run beside each other.
    static let parts = 4
    private static var count: Int { ProcessInfo.processInfo.environment["ACCELERANT_SEQUENCES"].flatMap { Int($0) } ?? 8_000 }

    static func seeds(of part: Int) -> Range<UInt64> {
        let first = UInt64(part) << 32
        return first..<first + UInt64(count / parts)
    }
}
