import CLinux
import Schema
import Text

/// A schema in several files: every `*.prisma` below a folder, as in Prisma.
enum SchemaFolder {
    /// Returns the files with their paths within the folder, ordered by path.
    static func read(_ path: String) throws(Failure) -> [(name: String, bytes: [UInt8])] {
        var files: [(name: String, bytes: [UInt8])] = []
        var size = 0
        for name in try names(below: path) {
            guard let bytes = File.read(path + "/" + name, atMost: SchemaLimit.textBytes - size) else {
                throw failure("the file `\(name)` of the folder `\(path)` cannot be read, or the files have more than \(SchemaLimit.textBytes) bytes.")
            }
            size += bytes.count
            files.append((name, bytes))
        }
        if files.isEmpty { throw failure("the folder `\(path)`, which `schemaPath` names, contains no `*.prisma` file.") }
        return files
    }

    private static func names(below path: String) throws(Failure) -> [String] {
        var open = [(folder: "", depth: 0)]
        var found: [ExactString] = []
        var seen = 0
        while let (folder, depth) = open.popLast() {
            guard let entries = File.entries(path + "/" + folder) else { throw failure("the folder `\(path)/\(folder)` cannot be read.") }
            for entry in entries {
                seen += 1
                let name = folder + entry
                if linux_is_folder(path + "/" + name) {
                    if depth < SchemaLimit.folders { open.append((name + "/", depth + 1)) }
                } else if entry.utf8.suffix(7).elementsEqual(".prisma".utf8) {
                    found.append(ExactString(name))
                }
            }
            if seen > SchemaLimit.entries { throw failure("the folder `\(path)`, which `schemaPath` names, has more than \(SchemaLimit.entries) entries.") }
        }
        return found.sorted().map(\.text)
    }

    private static func failure(_ message: String) -> Failure { Configuration.failure(message, path: "schemaPath") }
}
