import Catalog
import Schema

/// Conditions in SQL that find a value which its column's new type does not hold as it is.
///
///     INTEGER → SMALLINT      v OPERATOR(pg_catalog.<) (-32768) OR v OPERATOR(pg_catalog.>) 32767
///     TEXT → VARCHAR(20)      pg_catalog.length(v::pg_catalog.text) OPERATOR(pg_catalog.>) 20
///
/// A condition fails for no value: it converts only what it has found to fit.
enum Narrowing {
    /// Returns a condition over the value `v`, or over an element of a list. Nil if every value changes, or if none is known.
    static func test(from old: Column, to new: Column) -> String? {
        guard old.isList == new.isList, case .native(let target) = new.type else { return nil }
        guard case .native(let source) = old.type else { return length(nil, target.completed).map(qualified) }
        return test(source.completed, target.completed).map(qualified)
    }

    private static func test(_ old: NativeType, _ new: NativeType) -> String? {
        switch new.name {
        case .varChar, .char, .bit, .varBit: length(old.name, new)
        case .smallInt, .integer, .bigInt, .oid: whole(old.name, new.name)
        case .real, .doublePrecision: float(old.name, isDouble: new.name == .doublePrecision)
        case .decimal: decimal(old.name, new.arguments)
        case .timestamp, .timestamptz, .time, .timetz: precision(old, new)
        case .date: old.name == .timestamp || old.name == .timestamptz ? "v::pg_catalog.date::\(name(old.name)) <> v" : nil
        default: nil
        }
    }

    // MARK: Lengths

    private static func length(_ old: NativeType.Name?, _ new: NativeType) -> String? {
        guard let size = new.arguments.first else { return nil }
        switch (old, new.name) {
        // Why also shorter ones: PostgreSQL fills them up with spaces, or refuses them.
        case (.bit?, .bit), (.varBit?, .bit): return "pg_catalog.length(v) <> \(size)"
        case (.bit?, .varBit), (.varBit?, .varBit): return "pg_catalog.length(v) > \(size)"
        case (_, .bit), (_, .varBit): return nil
        case (.char?, _), (_, .varChar): return "pg_catalog.length(v::pg_catalog.text) > \(size)"
        default: return "pg_catalog.length(v::pg_catalog.text) <> \(size)"
        }
    }

    // MARK: Numbers

    private static func whole(_ old: NativeType.Name, _ new: NativeType.Name) -> String? {
        let (least, most) = range(new)
        switch old {
        case .smallInt, .integer, .bigInt, .oid: return "v::pg_catalog.int8 < (\(least)) OR v::pg_catalog.int8 > \(most)"
        case .decimal: return "v < (\(least)) OR v > \(most) OR v <> pg_catalog.trunc(v)"
        // Why not the largest number itself: a float cannot hold it.
        case .real, .doublePrecision:
            return "v < (\(least))::pg_catalog.float8 OR v >= \(most)::pg_catalog.float8 OR v <> pg_catalog.trunc(v::pg_catalog.float8)"
        default: return nil
        }
    }

    private static func range(_ name: NativeType.Name) -> (String, String) {
        if name == .bigInt { return ("-9223372036854775808", "9223372036854775807") }
        let range = NativeType.Name.wholeRange(name)
        return (String(range.lowerBound), String(range.upperBound))
    }

    private static func float(_ old: NativeType.Name, isDouble: Bool) -> String? {
        let (type, digits) = isDouble ? ("pg_catalog.float8", 9_007_199_254_740_992) : ("pg_catalog.float4", 16_777_216)
        switch old {
        case .smallInt, .integer, .bigInt: return "v < (-\(digits)) OR v > \(digits)"
        case .decimal:
            let (large, small) = isDouble ? ("1e300", "1e-300") : ("1e37", "1e-37")
            return """
                CASE WHEN v = 'NaN'::pg_catalog.numeric OR v = 0 THEN false \
                WHEN pg_catalog.abs(v) > \(large) OR pg_catalog.abs(v) < \(small) THEN true ELSE v::\(type)::pg_catalog.numeric <> v END
                """
        case .doublePrecision:
            return """
                CASE WHEN v = 0 OR v = 'NaN'::pg_catalog.float8 OR pg_catalog.abs(v) = 'Infinity'::pg_catalog.float8 THEN false \
                WHEN pg_catalog.abs(v) > 3e38 OR pg_catalog.abs(v) < 1e-37 THEN true ELSE v::pg_catalog.float4::pg_catalog.float8 <> v END
                """
        default: return nil
        }
    }

    /// - Parameter arguments: precision and scale, or none.
    private static func decimal(_ old: NativeType.Name, _ arguments: [Int]) -> String? {
        let scale = arguments.count > 1 ? arguments[1] : 0
        let fits = { (value: String) in
            arguments.isEmpty
                ? "false" : "pg_catalog.abs(\(value)) >= 1e\(arguments[0] - scale)::pg_catalog.numeric OR pg_catalog.round(\(value), \(scale)) <> \(value)"
        }
        switch old {
        case .smallInt, .integer, .bigInt: return fits("v::pg_catalog.numeric")
        case .decimal: return "CASE WHEN v = 'NaN'::pg_catalog.numeric THEN false ELSE \(fits("v")) END"
        case .real, .doublePrecision:
            let type = old == .real ? "pg_catalog.float4" : "pg_catalog.float8"
            return """
                CASE WHEN v = 'NaN'::\(type) THEN false WHEN pg_catalog.abs(v) = 'Infinity'::\(type) THEN true \
                ELSE v::pg_catalog.numeric::\(type) <> v OR \(fits("v::pg_catalog.numeric")) END
                """
        default: return nil
        }
    }

    // MARK: Moments

    /// Finds moments with more digits of a second than the new type has.
    private static func precision(_ old: NativeType, _ new: NativeType) -> String? {
        let isMoment = { (type: NativeType) in type.name == .timestamp || type.name == .timestamptz }
        guard old.name == new.name || isMoment(old) && isMoment(new), let digits = new.arguments.first else { return nil }
        return "v::\(name(old.name))(\(digits)) <> v"
    }

    private static func name(_ type: NativeType.Name) -> String { "pg_catalog." + DDL.text(of: NativeType(type)).lowercased() }

    /// Why: an operator's name alone is looked up in the search path.
    private static func qualified(_ test: String) -> String {
        test.split(separator: " ", omittingEmptySubsequences: false).map { word in
            ["<", ">", "=", "<>", ">="].contains(word) ? "OPERATOR(pg_catalog.\(word))" : String(word)
        }.joined(separator: " ")
    }
}
