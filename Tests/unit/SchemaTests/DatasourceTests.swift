import Schema
import Testing

@Suite("Datasource and generators") struct DatasourceTests {
    @Test("a URL is a literal, comes from the environment, or is left to the configuration")
    func urls() throws {
        func url(_ line: String) throws -> Datasource.URLSource? {
            try SchemaText.parse("datasource db {\n provider = \"postgresql\"\n \(line)\n}").datasource?.url
        }
        #expect(try url("url = env(\"DATABASE_URL\")") == .environment("DATABASE_URL"))
        #expect(try url("url = \"postgresql://localhost/app\"") == .literal("postgresql://localhost/app"))
        #expect(try url("") == nil)
    }

    @Test("everything else that Prisma knows is accepted")
    func otherProperties() throws {
        let schema = try SchemaText.parse(
            """
            generator client {
              provider        = "prisma-client-js"
              previewFeatures = ["views", "relationJoins"]
              output          = env("OUT")
              engineType      = library
              n               = 1.5
            }
            datasource pg {
              provider          = "postgres"
              directUrl         = env("DIRECT_URL")
              shadowDatabaseUrl = "postgresql://localhost/shadow"
              extensions        = [citext, postgis(version: "2.1", schema: "public")]
              relationMode      = "foreignKeys"
            }
            """)
        #expect(schema.datasource?.name == "pg" && schema.datasource?.directURL == .environment("DIRECT_URL"))
        #expect(schema.datasource?.relationMode == .foreignKeys)
        #expect(schema.models.isEmpty)
    }

    @Test("a schema needs no datasource")
    func noDatasource() throws {
        #expect(try Schema.parse("model A {\n id Int @id\n}").datasource == nil)
        #expect(try Schema.parse("").models.isEmpty)
    }

    @Test(
        "mistakes of a datasource",
        arguments: [
            ("provider = \"mysql\"", ["2:13: provider \"mysql\" is not supported; expected \"postgresql\""]),
            (
                "provider = \"postgressql\"",
                [
                    "2:13: provider \"postgressql\" is not supported; expected \"postgresql\"; did you mean \"postgresql\"?"
                ]
            ),
            ("provider = env(\"P\")", ["2:13: provider: \"env(…)\"; expected \"postgresql\""]),
            ("url = \"x\"", ["1:12: the datasource \"db\" has no provider; expected provider = \"postgresql\""]),
            ("provider = \"postgres\"\n url = \"\"", ["3:8: url: an empty string; expected a string or env(\"…\")"]),
            (
                "provider = \"postgres\"\n url = env()",
                ["3:8: env without the name of a variable; expected env(\"DATABASE_URL\")"]
            ),
            ("provider = \"postgres\"\n url = 5", ["3:8: url: the number 5; expected a string or env(\"…\")"]),
            (
                "provider = \"postgres\"\n relationMode = \"foreignkeys\"",
                ["3:17: unknown relation mode; expected \"foreignKeys\" or \"prisma\""]
            ),
            (
                "provider = \"postgres\"\n schemas = []",
                ["3:12: the list of schemas is empty; expected at least one schema, or no list"]
            ),
            (
                "provider = \"postgres\"\n schemas = [\"a\", \"a\", 1]",
                [
                    "3:18: the schema \"a\" is listed twice; expected it once",
                    "3:23: schemas: the number 1; expected a string",
                ]
            ),
            ("provider = \"postgres\"\n schemas = \"a\"", ["3:12: schemas: a string; expected a list of strings"]),
            (
                "provider = \"postgres\"\n provider = \"postgres\"",
                ["3:2: the property \"provider\" is given twice; expected it once"]
            ),
            (
                "provider = \"postgres\"\n urll = \"x\"",
                [
                    "3:2: a datasource has no property \"urll\"; expected one of: provider, url, directUrl, shadowDatabaseUrl, relationMode, referentialIntegrity, schemas, extensions; did you mean \"url\"?"
                ]
            ),
            ("provider \"postgres\"", ["2:11: unexpected string; expected \"=\" after \"provider\""]),
            ("provider = \"postgres\" url = \"x\"", ["2:24: unexpected \"url\"; expected the end of the line"]),
            ("provider =", ["2:12: the line ends here; expected a value"]),
        ])
    func mistakes(lines: String, expected: [String]) {
        #expect(SchemaText.errors("datasource db {\n \(lines)\n}") == expected)
    }

    @Test("a URL never appears in an error")
    func secrets() {
        for line in [
            "url = \"postgresql://u:secret@h/d", "relationMode = \"secret\"", "url = [\"secret\"]",
            "provider = postgres \"secret\"",
        ] {
            let errors = SchemaText.errors("datasource db {\n \(line)\n}")
            #expect(!errors.isEmpty && !errors.joined().contains("secret"), "\(errors)")
        }
    }

    @Test("many URLs on one line take no time", arguments: ["://", "://\"a", "\"://\"a", "://@"])
    func manyURLs(part: String) {
        let text = "secret " + String(repeating: part, count: 100_000)
        let clock = ContinuousClock()
        let time = clock.measure { #expect(!SchemaText.errors("datasource db {\n \(text)\n}").isEmpty) }
        #expect(time < .seconds(10))
    }

    @Test("two datasources")
    func twoDatasources() {
        let text = "datasource a {\n provider = \"postgres\"\n}\ndatasource b {\n provider = \"postgres\"\n}"
        #expect(SchemaText.errors(text) == ["4:12: a second datasource; expected one datasource in a schema"])
    }

    @Test("@@schema is needed when schemas are listed, and only then")
    func schemaAttribute() {
        let head = "datasource db {\n provider = \"postgres\"\n schemas = [\"app\", \"audit\"]\n}\n"
        #expect(
            SchemaText.errors(head + "model A {\n id Int @id\n}\nenum E {\n X\n}") == [
                "5:7: \"A\" has no @@schema; expected @@schema with one of: app, audit",
                "8:6: \"E\" has no @@schema; expected @@schema with one of: app, audit",
            ])
        #expect(
            SchemaText.errors(head + "model A {\n id Int @id\n @@schema(\"adit\")\n}") == [
                "7:11: the schema \"adit\" is not listed in the datasource; expected one of: app, audit; did you mean \"audit\"?"
            ])
        #expect(
            SchemaText.errors("model A {\n id Int @id\n @@schema(\"app\")\n}") == [
                "3:2: @@schema, while the datasource lists no schemas; expected schemas = [\"app\"] in the datasource"
            ])
    }
}
