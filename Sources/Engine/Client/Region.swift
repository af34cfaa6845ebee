import CLinux
import Concurrency
import Text

/// Names of regions as C strings that are never freed, so that a reply may name one after its client is gone.
/// There are as many as a process names; each is kept once.
enum Region {
    // Safe to send: no one writes the bytes once they stand here.
    private struct Name: @unchecked Sendable { let bytes: UnsafePointer<CChar> }

    private static let names = Lock<[ExactString: Name]>([:], forTheProcess: true)

    static func intern(_ name: String) -> UnsafePointer<CChar>? {
        let interned: Name? = names.withLock { names in
            if let known = names[ExactString(name)] { return known }
            guard let copy = strdup(name) else { return nil }
            let interned = Name(bytes: UnsafePointer(copy))
            names[ExactString(name)] = interned
            return interned
        }
        return interned?.bytes
    }
}
