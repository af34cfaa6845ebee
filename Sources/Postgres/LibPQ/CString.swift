import CLinux

/// NUL-terminated text on the C heap.
enum CString {
    /// A copy of `text` up to its first NUL; `erase` frees it. nil when memory is exhausted.
    static func copy(_ text: String) -> UnsafeMutablePointer<CChar>? { strdup(text) }

    /// Overwrites and frees: passwords pass through here.
    static func erase(_ text: UnsafeMutablePointer<CChar>?) {
        guard let text else { return }
        explicit_bzero(text, strlen(text))
        free(text)
    }
}
