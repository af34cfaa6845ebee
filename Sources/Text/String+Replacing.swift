extension String {
    /// The text with every occurrence of one character replaced.
    package func replacing(_ character: Unicode.Scalar, with replacement: String) -> String {
        var result = ""
        for scalar in unicodeScalars {
            if scalar == character { result += replacement } else { result.unicodeScalars.append(scalar) }
        }
        return result
    }

    /// A name of SQL, in double quotes. Double quotes in it are doubled.
    package var quotedIdentifier: String { "\"" + replacing("\"", with: "\"\"") + "\"" }

    /// Returns true if it contains another text, byte by byte.
    package func holds(_ other: String) -> Bool {
        var rest = utf8[...]
        while rest.count >= other.utf8.count {
            if rest.starts(with: other.utf8) { return true }
            rest = rest.dropFirst()
        }
        return false
    }
}
