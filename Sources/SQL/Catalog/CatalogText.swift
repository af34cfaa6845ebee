/// SQL that asks PostgreSQL's catalog, written plainly and sent with every operator qualified.
///
/// Why: an operator without its schema is looked for along the search path. Who may create in a schema of the path could define one that fits
/// better, and have it run by the role that asks (the class of CVE-2018-1058). So the texts hold no `IN`, `LIKE`, `BETWEEN` or `USING`, whose
/// operators cannot be qualified.
package enum CatalogText {
    private static let operators: Set<String> = ["=", "<>", ">=", "<=", "~", "!~", "&"]  // ASCII

    /// The text with `OPERATOR(pg_catalog.=)` where it has `=` between blanks. It holds none of them in literals.
    package static func qualified(_ text: String) -> String {
        text.split(separator: " ", omittingEmptySubsequences: false).map { word in
            operators.contains(String(word)) ? "OPERATOR(pg_catalog.\(word))" : String(word)
        }.joined(separator: " ")
    }
}
