import Text

// `datasource db { … }`
extension Resolver {
    private static let properties = [
        "provider", "url", "directUrl", "shadowDatabaseUrl", "relationMode", "referentialIntegrity", "schemas",
        "extensions",
    ]

    mutating func resolveDatasource() {
        guard let node = tree.datasources.first else { return }
        for other in tree.datasources.dropFirst() {
            diagnostics.report(other.name.offset, "a second datasource", expected: "one datasource in a schema")
        }
        var result = Datasource(name: node.name.text, url: nil, schemas: [], relationMode: .foreignKeys)
        var hasProvider = false
        var seen: Set<ExactString> = []
        for property in node.properties {
            let name = property.name
            guard name.text.isExactlyOne(of: Self.properties) else {
                diagnostics.report(
                    name.offset, "a datasource has no property \"\(name.text)\"",
                    expected: "one of: \(Self.properties.joined(separator: ", "))",
                    suggestion: suggestions.nearest(to: name.text, in: Self.properties))
                continue
            }
            guard isFirst(name, &seen) else { continue }
            checkRelationModes(seen, name)
            if name.text.isExactly("provider") { hasProvider = true }
            if let value = property.value { resolve(name.text, value, &result) }
        }
        if !hasProvider, !node.isDamaged {
            diagnostics.report(
                node.name.offset, "the datasource \"\(node.name.text)\" has no provider",
                expected: "provider = \"postgresql\"")
        }
        datasource = result
    }

    /// Returns true if a property of a block was not given before. Otherwise it reports that.
    private mutating func isFirst(_ name: Name, _ seen: inout Set<ExactString>) -> Bool {
        if seen.insert(ExactString(name.text)).inserted { return true }
        diagnostics.report(name.offset, "the property \"\(name.text)\" is given twice", expected: "it once")
        return false
    }

    /// Checks the names of generators, and that each has a provider. Other programs run them.
    mutating func checkGenerators() {
        var names: Set<ExactString> = []
        for node in tree.generators {
            if !names.insert(ExactString(node.name.text)).inserted {
                diagnostics.report(
                    node.name.offset, "a second generator named \"\(node.name.text)\"", expected: "another name")
            }
            var seen: Set<ExactString> = []
            for property in node.properties { _ = isFirst(property.name, &seen) }
            if !seen.contains("provider"), !node.isDamaged {
                diagnostics.report(
                    node.name.offset, "the generator \"\(node.name.text)\" has no provider",
                    expected: "provider = \"prisma-client\", or another program's name")
            }
        }
    }

    private mutating func checkRelationModes(_ seen: Set<ExactString>, _ name: Name) {
        let modes: [ExactString] = ["relationMode", "referentialIntegrity"]
        guard modes.contains(ExactString(name.text)), modes.allSatisfy({ seen.contains($0) }) else { return }
        diagnostics.report(
            name.offset, "relationMode beside referentialIntegrity, its old name", expected: "relationMode alone")
    }

    private mutating func resolve(_ property: String, _ value: Expression, _ result: inout Datasource) {
        switch property {
        case "provider": checkProvider(value)
        case "url": result.url = urlSource(value, of: property)
        case "directUrl": result.directURL = urlSource(value, of: property)
        case "shadowDatabaseUrl": _ = urlSource(value, of: property)
        case "relationMode", "referentialIntegrity": resolveRelationMode(value, &result)
        case "schemas": resolveSchemas(value, &result)
        default: resolveExtensions(value)
        }
    }

    /// Checks `[citext, postgis(version: "3.4", schema: "gis")]`, or one without brackets. Prisma Migrate installs them.
    private mutating func resolveExtensions(_ value: Expression) {
        let items: [Expression]
        if case .list(let list) = value.value { items = list } else { items = [value] }
        var seen: Set<ExactString> = []
        for item in items {
            switch item.value {
            case .path(let name): checkExtensionName(name, at: item.offset, &seen)
            case .call(let name, let arguments):
                checkExtensionName(name, at: item.offset, &seen)
                let bound = bind(arguments, of: "the extension \"\(name)\"", ["map", "schema", "version"])
                for (argument, value) in bound.values {
                    if case .string = value.value { continue }
                    diagnostics.report(
                        value.offset, "\(argument) of the extension \"\(name)\": \(value.kindDescription)", expected: "a string")
                }
            default:
                diagnostics.report(
                    item.offset, "extensions: \(item.kindDescription)", expected: "names, as: [citext, postgis(version: \"3.4\")]")
            }
        }
    }

    private mutating func checkExtensionName(_ name: String, at offset: Int, _ seen: inout Set<ExactString>) {
        if !seen.insert(ExactString(name)).inserted {
            diagnostics.report(offset, "the extension \"\(name)\" is listed twice", expected: "it once")
        }
        guard let first = name.unicodeScalars.first, !Lexer.isNumber(first), !name.utf8.contains(UInt8(ascii: "-")) else {
            diagnostics.report(
                offset, "\"\(name)\" cannot be the name of an extension here",
                expected: "a letter, then letters, digits or \"_\"; the name in the database by map:")
            return
        }
    }

    private mutating func checkProvider(_ value: Expression) {
        let expected = "\"postgresql\""
        guard case .string(let provider) = value.value else {
            diagnostics.report(value.offset, "provider: \(value.kindDescription)", expected: expected)
            return
        }
        guard provider.isExactlyOne(of: ["postgresql", "postgres"]) else {
            diagnostics.report(
                value.offset, "provider \"\(provider)\" is not supported", expected: expected,
                suggestion: suggestions.nearest(to: provider, in: ["postgresql", "postgres"]))
            return
        }
    }

    /// Reads a literal or `env("…")`. The URL itself is checked when it is used.
    private mutating func urlSource(_ value: Expression, of property: String) -> Datasource.URLSource? {
        let expected = "a string or env(\"…\")"
        switch value.value {
        case .string(let text):
            if !text.isEmpty { return .literal(text) }
            diagnostics.report(value.offset, "\(property): an empty string", expected: expected)
        case .call("env", let arguments):
            guard arguments.count == 1, arguments[0].name == nil, case .string(let name) = arguments[0].value.value,
                !name.isEmpty
            else {
                diagnostics.report(
                    value.offset, "env without the name of a variable", expected: "env(\"DATABASE_URL\")")
                return nil
            }
            return .environment(name)
        default:
            diagnostics.report(value.offset, "\(property): \(value.kindDescription)", expected: expected)
        }
        return nil
    }

    private mutating func resolveRelationMode(_ value: Expression, _ result: inout Datasource) {
        switch value.value {
        case .string("foreignKeys"): result.relationMode = .foreignKeys
        case .string("prisma"): result.relationMode = .prisma
        default:
            diagnostics.report(value.offset, "unknown relation mode", expected: "\"foreignKeys\" or \"prisma\"")
        }
    }

    private mutating func resolveSchemas(_ value: Expression, _ result: inout Datasource) {
        guard case .list(let items) = value.value else {
            diagnostics.report(value.offset, "schemas: \(value.kindDescription)", expected: "a list of strings")
            return
        }
        if items.isEmpty {
            diagnostics.report(
                value.offset, "the list of schemas is empty", expected: "at least one schema, or no list")
        }
        var known: Set<ExactString> = []
        for item in items {
            guard let name = textValue(item, of: "schemas") else { continue }
            if known.insert(ExactString(name)).inserted {
                result.schemas.append(name)
            } else {
                diagnostics.report(item.offset, "the schema \"\(name)\" is listed twice", expected: "it once")
            }
        }
    }

    /// Reads `@@schema("…")`. It is required if the datasource lists schemas, and refused otherwise.
    mutating func resolveSchemaAttribute(_ attributes: [AttributeNode], of name: Name, isDamaged: Bool) -> String? {
        let schemas = datasource?.schemas ?? []
        guard let attribute = attributes.first(where: { $0.name.text.isExactly("@@schema") }) else {
            if !schemas.isEmpty, !isDamaged {
                diagnostics.report(
                    name.offset, "\"\(name.text)\" has no @@schema",
                    expected: "@@schema with one of: \(schemas.joined(separator: ", "))")
            }
            return nil
        }
        guard let (schema, offset) = soleText(attribute, named: "map") else { return nil }
        if schemas.isEmpty {
            let isUncertain = tree.datasources.first?.isDamaged ?? false
            if !isUncertain {
                diagnostics.report(
                    attribute.name.offset, "@@schema, while the datasource lists no schemas",
                    expected: "schemas = [\"\(schema)\"] in the datasource")
            }
        } else if !schema.isExactlyOne(of: schemas) {
            diagnostics.report(
                offset, "the schema \"\(schema)\" is not listed in the datasource",
                expected: "one of: \(schemas.joined(separator: ", "))",
                suggestion: suggestions.nearest(to: schema, in: schemas))
        }
        return schema
    }
}
