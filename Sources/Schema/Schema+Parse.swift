package import Text

extension Schema {
    /// Reads and checks a schema text, without models marked `@@ignore` unless they are wanted. The failure lists every mistake, see `SchemaError.failure`.
    package static func parse(_ text: String, keepsIgnored: Bool = false) throws(Failure) -> Schema {
        // Why an array: a string's own access to its bytes does not pass typed errors on.
        try Array(text.utf8).withUnsafeBufferPointer { (bytes) throws(Failure) -> Schema in
            try parse(bytes: UnsafeRawBufferPointer(bytes), keepsIgnored: keepsIgnored)
        }
    }

    /// The same for bytes. Bytes that are not UTF-8 are refused with the place of the first wrong one.
    package static func parse(
        bytes: UnsafeRawBufferPointer, of files: [SchemaFile] = [], keepsIgnored: Bool = false
    ) throws(Failure) -> Schema {
        do {
            return try read(bytes, of: files, keepsIgnored: keepsIgnored)
        } catch {
            throw error.failure
        }
    }

    /// The same for several files that are one schema. Each may refer to the others.
    package static func parse(files: [(name: String, bytes: [UInt8])], keepsIgnored: Bool = false) throws(Failure) -> Schema {
        var text: [UInt8] = []
        var places: [SchemaFile] = []
        for file in files {
            text += file.bytes
            // Why: a file that ends within a line must not continue in the next file.
            text.append(UInt8(ascii: "\n"))
            places.append(SchemaFile(name: file.name, end: text.count))
        }
        return try text.withUnsafeBufferPointer { (bytes) throws(Failure) -> Schema in
            try parse(bytes: UnsafeRawBufferPointer(bytes), of: places, keepsIgnored: keepsIgnored)
        }
    }

    /// Text → tokens → syntax tree → schema. The time is linear in the text, apart from the work after mistakes.
    ///
    /// - Parameters:
    ///   - files: the parts of the text. Empty if it is one text without a name.
    ///   - keepsIgnored: true to keep models marked `@@ignore`, for tools that work on tables.
    package static func read(
        _ text: UnsafeRawBufferPointer, of files: [SchemaFile] = [], keepsIgnored: Bool = false
    ) throws(SchemaError) -> Schema {
        let files = files.isEmpty ? [SchemaFile(name: nil, end: text.count)] : files
        var diagnostics = DiagnosticList()
        if text.count > SchemaLimit.textBytes {
            diagnostics.report(0, "the text has \(text.count) bytes", expected: "at most \(SchemaLimit.textBytes)")
        } else if let offset = firstInvalidByte(text) {
            diagnostics.report(offset, "the text is not valid UTF-8 here", expected: "UTF-8")
        }
        refuseContracts(text, files, &diagnostics)
        guard diagnostics.isEmpty else { throw diagnostics.error(in: text, of: files) }
        var tree = SyntaxTree()
        var start = 0
        for file in files {
            let upToEnd = UnsafeRawBufferPointer(rebasing: text[..<file.end])
            var parser = Parser(upToEnd, from: start, into: tree, diagnostics: diagnostics)
            parser.parse()
            (tree, diagnostics) = (parser.tree, parser.diagnostics)
            start = file.end
        }
        var resolver = Resolver(tree, diagnostics: diagnostics, keepsIgnored: keepsIgnored)
        guard let schema = resolver.resolve() else { throw resolver.diagnostics.error(in: text, of: files) }
        return schema
    }

    /// Refuses the contracts of Prisma 8: JSON, or a text that begins with `// use prisma-next`.
    private static func refuseContracts(_ text: UnsafeRawBufferPointer, _ files: [SchemaFile], _ diagnostics: inout DiagnosticList) {
        var start = 0
        for file in files {
            let blanks = text[start..<file.end].prefix { $0 <= 0x20 || $0 == 0xEF || $0 == 0xBB || $0 == 0xBF }
            let first = UnsafeRawBufferPointer(rebasing: text[blanks.endIndex..<file.end])
            if first.first == UInt8(ascii: "{") {
                diagnostics.report(
                    blanks.endIndex, "the text is JSON, as the contract of Prisma 8 is, and no Prisma schema",
                    expected: "a schema of Prisma 5, 6 or 7: what the contract was made from")
            } else if first.starts(with: "// use prisma-next".utf8) {
                diagnostics.report(
                    blanks.endIndex, "the text is a contract of Prisma 8, which this library does not read",
                    expected: "a schema of Prisma 5, 6 or 7")
            }
            start = file.end
        }
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

/// One of a schema's files. Their texts lie one behind the other.
package struct SchemaFile: Sendable {
    package let name: String?
    /// The position in the text at which it ends and the next one begins.
    package let end: Int
}
