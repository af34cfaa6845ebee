/// The limits of the schema language: beyond each of them a text is refused with a diagnostic that names it.
package enum SchemaLimit {
    /// Of the schema text.
    package static let textBytes = 16 << 20
    /// In the folder of a schema, other files and folders counted too.
    package static let entries = 10_000
    /// Folders within folders.
    package static let folders = 32
    /// Brackets within brackets, as in `@@index([data(ops: raw("…"))])`.
    package static let nesting = 16
    /// Reported at most; a text with more mistakes is told so.
    package static let diagnostics = 1000
    /// Tokens looked at to find the bracket that closes another one, after a mistake between them.
    static let recoveryTokens = 4096
    /// Of an identifier in PostgreSQL, in bytes; longer constraint names are refused.
    static let identifierBytes = 63
}
