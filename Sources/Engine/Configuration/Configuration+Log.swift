import Telemetry
import Text

extension Configuration {
    /// Reads `"log": ["query", "warn"]`: a list of levels, by name or as an object with the level's own settings, such as
    /// `{"level": "query", "params": true}` or `{"level": "warn", "slowMs": 200}`.
    static func readLog(_ value: JSONValue?) throws(Failure) -> Log.Settings? {
        guard let value, !value.isNull else { return nil }
        guard value.kind == .array, value.count <= Limits.logMembers else { throw failure("`log` has to be a list of levels.", path: "log") }
        var settings = Log.Settings()
        for (position, element) in value.elements.enumerated() {
            try readLevel(element, path: "log[\(position)]", &settings)
        }
        return settings
    }

    private static func readLevel(_ value: JSONValue, path: String, _ settings: inout Log.Settings) throws(Failure) {
        guard value.kind == .object else {
            settings.levels.insert(Log.Levels(try level(value, path: path)))
            return
        }
        let level = try level(value["level"], path: path + ".level")
        settings.levels.insert(Log.Levels(level))
        let known = level == .query ? ["level", "params"] : level == .warn ? ["level", "slowMs"] : ["level"]
        for member in value.members where !member.name.isExactlyOne(of: known) {
            let nearest = NameSuggestion.nearest(to: member.name, among: known)
            let hint = nearest.map { " Did you mean `\($0)`?" } ?? " Known are: \(known.joined(separator: ", "))."
            throw failure("`\(path).\(member.name)` is not known for this level.\(hint)", path: "\(path).\(member.name)")
        }
        if let params = value["params"], !params.isNull {
            guard params.kind == .true || params.kind == .false else {
                throw failure("`\(path).params` has to be true or false.", path: path + ".params")
            }
            settings.showsParameters = params.kind == .true
        }
        if let slow = value["slowMs"], !slow.isNull {
            guard let milliseconds = slow.integer, milliseconds >= 0, milliseconds <= Int64(Limits.longestMilliseconds) else {
                throw failure(
                    "`\(path).slowMs` has to be a whole number from 0 to \(Limits.longestMilliseconds).", path: path + ".slowMs")
            }
            settings.slowNanoseconds = milliseconds * 1_000_000
        }
    }

    private static func level(_ value: JSONValue?, path: String) throws(Failure) -> Log.Level {
        if let name = value?.string, let level = Log.Level(rawValue: name) { return level }
        let names = Log.Level.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
        throw failure("`\(path)` has to be a level: one of \(names).", path: path)
    }
}
