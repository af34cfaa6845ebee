import CLinux
import Concurrency
import Text

/// Names of regions as C strings that are never freed, because a reply may use one after its client is gone.
///
/// Each name is kept once.
enum Region {
    // Safe to send: the bytes are never written again.
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
