/// Queries of PostgreSQL's catalog, written plainly and sent with every operator qualified.
///
/// Why: an operator without a schema is searched along the search path. A role that may create objects there could define a better match.
/// The querying role would then execute it (the class of CVE-2018-1058). So the texts contain no `IN`, `LIKE`, `BETWEEN` or
/// `USING`, whose operators cannot be qualified.
package enum CatalogText {
    private static let operators: Set<String> = ["=", "<>", ">=", "<=", "~", "!~", "&"]  // ASCII

    /// Returns the text with `OPERATOR(pg_catalog.=)` for each `=` between blanks. Literals must not contain such operators.
    package static func qualified(_ text: String) -> String {
        text.split(separator: " ", omittingEmptySubsequences: false).map { word in
            operators.contains(String(word)) ? "OPERATOR(pg_catalog.\(word))" : String(word)
        }.joined(separator: " ")
    }
}
