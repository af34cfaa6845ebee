import CLinux
import Schema
import Text

extension Configuration.SchemaSource {
    /// Reads and checks the schema from the configuration's own text, or from the file or folder that it names.
    ///
    /// - Parameter keepsIgnored: true to include the models marked `@@ignore`.
    func readSchema(keepsIgnored: Bool = false) throws(Failure) -> Schema {
        switch self {
        case .text(let text): return try Schema.parse(text, keepsIgnored: keepsIgnored)
        case .path(let path) where linux_is_folder(path): return try Schema.parse(files: SchemaFolder.read(path), keepsIgnored: keepsIgnored)
        case .path(let path):
            return try Self.readFile(path).withUnsafeBufferPointer { (bytes) throws(Failure) -> Schema in
                try Schema.parse(bytes: UnsafeRawBufferPointer(bytes), keepsIgnored: keepsIgnored)
            }
        }
    }

    /// Returns the text as written. The files of a folder follow each other.
    func readText() throws(Failure) -> String {
        switch self {
        case .text(let text): return text
        case .path(let path) where linux_is_folder(path):
            return try SchemaFolder.read(path).map { String(decoding: $0.bytes, as: UTF8.self) }.joined(separator: "\n")
        case .path(let path): return String(decoding: try Self.readFile(path), as: UTF8.self)
        }
    }

    private static func readFile(_ path: String) throws(Failure) -> [UInt8] {
        if let bytes = File.read(path, atMost: SchemaLimit.textBytes) { return bytes }
        throw Configuration.failure(
            "the file `\(path)`, which `schemaPath` names, cannot be read, or has more than \(SchemaLimit.textBytes) bytes.", path: "schemaPath")
    }
}
