package import Text

extension Schema {
    /// Reads and checks a schema text. The failure lists every mistake, see `SchemaError.failure`.
    package static func parse(_ text: String) throws(Failure) -> Schema {
        // Why an array: a string's own access to its bytes does not pass typed errors on.
        try Array(text.utf8).withUnsafeBufferPointer { (bytes) throws(Failure) -> Schema in
            try parse(bytes: UnsafeRawBufferPointer(bytes))
        }
    }

    /// The same over bytes that need not be UTF-8: then they are refused with the place of the first that is not.
    package static func parse(bytes: UnsafeRawBufferPointer) throws(Failure) -> Schema {
        do {
            return try read(bytes)
        } catch {
            throw error.failure
        }
    }

    /// Text → tokens → syntax tree → schema. Linear in the text, apart from the work that mistakes make.
    package static func read(_ text: UnsafeRawBufferPointer) throws(SchemaError) -> Schema {
        var diagnostics = DiagnosticList()
        if text.count > SchemaLimit.textBytes {
            diagnostics.report(0, "the text has \(text.count) bytes", expected: "at most \(SchemaLimit.textBytes)")
        } else if let offset = firstInvalidByte(text) {
            diagnostics.report(offset, "the text is not valid UTF-8 here", expected: "UTF-8")
        }
        guard diagnostics.isEmpty else { throw diagnostics.error(in: text) }
        var parser = Parser(text, diagnostics: diagnostics)
        parser.parse()
        var resolver = Resolver(parser.tree, diagnostics: parser.diagnostics)
        guard let schema = resolver.resolve() else { throw resolver.diagnostics.error(in: text) }
        return schema
    }

    private static func firstInvalidByte(_ text: UnsafeRawBufferPointer) -> Int? {
        do {
            _ = try UTF8Span(validating: text.assumingMemoryBound(to: UInt8.self).span)
            return nil
        } catch {
            return error.byteOffsets.lowerBound
        }
    }
}
