import Glibc

// One program for libFuzzer with several targets: the environment's FUZZ_TARGET says which. `Tests/fuzz/run` starts it.

/// What takes arbitrary bytes: it may refuse them in any way but a trap. What it claims about them is checked by `require`.
private typealias Target = @Sendable (UnsafeRawBufferPointer) -> Void

private let targets: [(name: String, run: Target)] = [
    ("json", { fuzzJSON($0) }), ("schema", { fuzzSchema($0) }), ("request", { fuzzRequest($0) }), ("answer", { fuzzAnswer($0) }),
    ("configuration", { fuzzConfiguration($0) }),
]

nonisolated(unsafe) private var target: Target = { _ in }  // Set once, before the first input.

@_cdecl("LLVMFuzzerInitialize")
public func initialize(_: UnsafeMutablePointer<CInt>?, _: UnsafeMutableRawPointer?) -> CInt {
    let name = getenv("FUZZ_TARGET").map { String(cString: $0) } ?? ""
    guard let found = targets.first(where: { $0.name == name }) else {
        print("FUZZ_TARGET has to be one of: \(targets.map(\.name).joined(separator: " "))")
        exit(2)
    }
    target = found.run
    return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ bytes: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    // Why not the buffer as it is: a null pointer comes for an empty input.
    let empty: [UInt8] = [0]
    empty.withUnsafeBytes { nothing in
        target(bytes.map { UnsafeRawBufferPointer(start: $0, count: size) } ?? UnsafeRawBufferPointer(rebasing: nothing[..<0]))
    }
    return 0
}

/// A claim about any input whatever. libFuzzer keeps the input for which it does not hold.
func require(_ holds: Bool, _ claim: StaticString) {
    if !holds { fatalError("\(claim)") }
}
