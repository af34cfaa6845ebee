import Schema
import Testing
import Text

/// Schema texts for tests, and what comes out of them.
enum SchemaText {
    static let datasource = """
        datasource db {
          provider = "postgresql"
        }

        """

    /// The schema of a text that has to be right; a datasource is put in front.
    static func parse(_ text: String, _ location: SourceLocation = #_sourceLocation) throws -> Schema {
        do {
            return try Schema.parse(text.contains("datasource ") ? text : text + "\n" + datasource)
        } catch {
            Issue.record("\(error.message) \(error.meta)", sourceLocation: location)
            throw error
        }
    }

    /// The mistakes of a text, as `line:column: …`; empty when it is right.
    static func errors(_ text: String) -> [String] {
        do {
            _ = try Schema.parse(text)
            return []
        } catch {
            guard case .texts(let texts)? = error.meta.first(where: { $0.key == "errors" })?.value else {
                return [error.message]
            }
            return texts
        }
    }

    /// The mistakes of bytes that need not be text.
    static func diagnostics(_ bytes: [UInt8]) -> [Diagnostic] {
        bytes.withUnsafeBytes { buffer in
            do {
                _ = try Schema.read(buffer)
                return []
            } catch let error as SchemaError {
                return error.diagnostics
            } catch {
                return []
            }
        }
    }
}

extension Schema {
    /// A model and a field that have to be there.
    func field(_ model: String, _ field: String, _ location: SourceLocation = #_sourceLocation) throws -> Field {
        let owner = try #require(self.model(named: model), sourceLocation: location)
        return try #require(owner.field(named: field), sourceLocation: location)
    }

    func relation(_ model: String, _ field: String, _ location: SourceLocation = #_sourceLocation) throws -> Relation {
        let type = try self.field(model, field, location).type
        guard case .relation(let relation) = type else {
            Issue.record("no relation", sourceLocation: location)
            throw Failure(.internal, code: "P6000", "no relation")
        }
        return relation
    }
}
