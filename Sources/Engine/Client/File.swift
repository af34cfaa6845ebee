import CLinux

/// Reads files.
enum File {
    /// Returns the bytes of a regular file. Nil if it cannot be read or has more than `limit` bytes.
    static func read(_ path: String, atMost limit: Int) -> [UInt8]? {
        let descriptor = linux_open_to_read(path)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, linux_is_regular_file(&status), status.st_size <= limit else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var filled = 0
        while filled < bytes.count {
            let count = bytes.withUnsafeMutableBytes { buffer in
                CLinux.read(descriptor, buffer.baseAddress.map { $0 + filled }, buffer.count - filled)
            }
            if count < 0 && linux_errno() == EINTR { continue }
            if count < 0 { return nil }
            if count == 0 { break }
            filled += count
        }
        bytes.removeLast(bytes.count - filled)
        return bytes
    }

    /// Returns the names of a folder's entries in no order. Nil if it cannot be read.
    static func entries(_ path: String) -> [String]? {
        guard let folder = opendir(path) else { return nil }
        defer { closedir(folder) }
        var names: [String] = []
        while let name = linux_next_entry(folder) {
            let name = String(cString: name)
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
