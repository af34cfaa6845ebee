/// A server's refusal. Its words stay here, because they may quote what was sent.
struct RedisRefusal {
    private let words: String

    /// - Parameter text: as the server sent it, or as a script got it.
    init(_ text: String) { words = RedisRefusal.withoutPlace(text) }

    /// The code at its beginning, such as `READONLY`.
    private var code: String { String(words.prefix { $0 != " " }) }

    /// The server has no memory left. It can still read and delete.
    var isOutOfMemory: Bool { code == "OOM" }

    var fault: TierFault {
        switch code {
        case "WRONGPASS": .refused("the server refuses the user or the password")
        case "NOAUTH": .refused("the server wants a password")
        case "NOPERM": .refused("the user lacks a permission; docs/internals/tier.md has the list of what it needs")
        case "MOVED", "CROSSSLOT", "CLUSTERDOWN": .refused("the server is a node of a cluster that does not have the prefix's slot: name that node")
        case "DENIED": .refused("the server is in protected mode: it takes no connection from elsewhere without a password")
        case "READONLY", "OOM", "MISCONF", "NOREPLICAS", "MASTERDOWN": .readOnly
        case "ERR" where hasWord("AUTH") || hasWord("password"): .refused("the server refuses the user or the password")
        case "ERR" where hasWord("clients"): .failed("the server has no connection left; see its `maxclients`")
        case "ERR" where hasWord("DB"): .refused("the server does not have the database of that number")
        default: .failed("the server answered with an error: \(code.prefix(32))")
        }
    }

    /// Redis before 7 has the place in the script before the refusal of a command: `@user_script: 23: -READONLY You can't …`.
    private static func withoutPlace(_ text: String) -> String {
        let bytes = Array(text.utf8)
        guard let script = place(of: Array("@user_script".utf8), in: bytes[...]), let dash = place(of: Array(": -".utf8), in: bytes[script...]) else {
            return text
        }
        return String(decoding: bytes[(dash + 3)...], as: UTF8.self)
    }

    private static func place(of part: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
        bytes.indices.first { bytes[$0...].starts(with: part) }
    }

    /// Whether a word is in the text, between separators.
    private func hasWord(_ word: String) -> Bool {
        words.split { $0 == " " || $0 == "," || $0 == "." }.contains { $0.utf8.elementsEqual(word.utf8) }
    }
}
