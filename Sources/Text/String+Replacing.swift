extension String {
    /// The text with every occurrence of one character replaced.
    package func replacing(_ character: Unicode.Scalar, with replacement: String) -> String {
        var result = ""
        for scalar in unicodeScalars {
            if scalar == character { result += replacement } else { result.unicodeScalars.append(scalar) }
        }
        return result
    }
}
