import CLinux

/// NUL-terminated text on the C heap.
enum CString {
    /// Returns a copy of `text` up to its first NUL; `erase` frees it. Nil if memory is exhausted.
    static func copy(_ text: String) -> UnsafeMutablePointer<CChar>? { strdup(text) }

    /// Overwrites and frees a copy. Why overwritten: it may be a password.
    static func erase(_ text: UnsafeMutablePointer<CChar>?) {
        guard let text else { return }
        explicit_bzero(text, strlen(text))
        free(text)
    }
}
