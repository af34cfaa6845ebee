/// The limits of texts: JSON, numbers, names. Beyond those of JSON, scanning throws a failure that names the limit.
package enum TextLimit {
    /// How deep containers of JSON may be nested.
    package static let jsonDepth = 128
    /// How many values and keys a JSON text may have.
    package static let jsonNodes = 1 << 23
    /// How many bytes a JSON text may have.
    package static let jsonBytes = 1 << 30
    /// Up to this many keys of an object are compared pairwise, which takes no memory. More are sorted.
    static let pairwiseKeys = 12
    /// How many digits a plain decimal may have. Beyond that the canonical text is `123e4567`.
    static let plainDigits = 1000
    /// The largest magnitude of an exponent, far beyond what PostgreSQL's numeric holds.
    static let exponent = 999_999
    /// Longer names, in bytes, are not compared for a suggestion.
    static let suggestedNameBytes = 64
}
