/// The limits of the schema language. A text beyond one of them is refused with a diagnostic that names the limit.
package enum SchemaLimit {
    /// Most bytes of a schema text.
    package static let textBytes = 16 << 20
    /// Most entries of the folder of a schema. Other files and folders count, too.
    package static let entries = 10_000
    /// Most folders within one another.
    package static let folders = 32
    /// Most brackets within one another, as in `@@index([data(ops: raw("…"))])`.
    package static let nesting = 16
    /// Most diagnostics of a text. With more, the error says that there are more.
    package static let diagnostics = 1000
    /// Most tokens that are examined to find a closing bracket after a mistake.
    static let recoveryTokens = 4096
    /// Most bytes of an identifier in PostgreSQL. Longer names of constraints are refused.
    static let identifierBytes = 63
}
