import Testing
import Text

@testable import Postgres

/// Connection URLs: what each part and parameter becomes, and what is refused.
@Suite struct ConnectionSettingsTests {
    private func keyword(_ name: String, of url: String) throws -> String? { try ConnectionSettings(url: url)[name] }

    @Test(
        arguments: [
            ("postgresql://u:p@h:1234/d", "h", "1234", "u", "p", "d"),
            ("postgres://u@h/d", "h", "5432", "u", nil, "d"),
            ("postgresql://h", "h", "5432", nil, nil, nil),
            ("postgresql:///d", "localhost", "5432", nil, nil, "d"),
            ("postgresql://u:p%40%3A%2F@[::1]:99/a%20b", "::1", "99", "u", "p@:/", "a b"),
            ("postgresql://u:p@q@h/d", "h", "5432", "u", "p@q", "d"),
            ("postgresql://a,b:2,c/d", "a,b,c", "5432,2,5432", nil, nil, "d"),
            ("postgresql://u@x/d?host=/tmp/sock", "/tmp/sock", "5432", "u", nil, "d"),
            ("postgresql://u@x/d?user=v&password=w&dbname=e&port=7", "x", "7", "v", "w", "e"),
        ] as [(String, String, String, String?, String?, String?)])
    func `the parts of a URL reach libpq`(
        url: String, host: String, port: String, user: String?, password: String?, database: String?
    ) throws {
        let settings = try ConnectionSettings(url: url)
        #expect(settings["host"] == host)
        #expect(settings["port"] == port)
        #expect(settings["user"] == user)
        #expect(settings["password"] == password)
        #expect(settings["dbname"] == database)
    }

    @Test func `Prisma's parameters have their defaults`() throws {
        let settings = try ConnectionSettings(url: "postgresql://h/d")
        #expect(settings.connectionLimit == 10)
        #expect(settings.poolTimeoutMilliseconds == 10_000)
        #expect(settings.connectTimeoutMilliseconds == 5_000)
        #expect(settings.statementCacheSize == 100)
        #expect(settings.schema == nil)
        #expect(!settings.isPgBouncer)
    }

    @Test func `Prisma's parameters are read`() throws {
        let settings = try ConnectionSettings(
            url:
                "postgresql://h/d?schema=my%22s%20x&connection_limit=3&pool_timeout=0&connect_timeout=7&socket_timeout=9&statement_cache_size=0&max_idle_connection_lifetime=1&application_name=app"
        )
        #expect(settings.schema == "my\"s x")
        #expect(settings.connectionLimit == 3)
        #expect(settings.poolTimeoutMilliseconds == 0)
        #expect(settings.connectTimeoutMilliseconds == 7_000)
        #expect(settings.socketTimeoutMilliseconds == 9_000)
        #expect(settings.statementCacheSize == 0)
        #expect(settings.idleLifetimeMilliseconds == 1_000)
        #expect(settings["application_name"] == "app")
        #expect(settings["options"]?.hasSuffix(#" -c search_path="my""s\ x""#) == true)
    }

    @Test func `behind PgBouncer nothing is set in the start-up packet but what the URL says`() throws {
        #expect(try keyword("options", of: "postgresql://h/d?pgbouncer=true&schema=s") == nil)
        #expect(try keyword("options", of: "postgresql://h/d?pgbouncer=true&options=-c%20a%3Db") == "-c a=b")
    }

    @Test func `what is left out is given to libpq, which then looks for none of it in the environment`() throws {
        let settings = try ConnectionSettings(url: "postgresql://h/d")
        for name in ["sslmode", "application_name", "options", "target_session_attrs", "gssencmode", "passfile", "client_encoding"] {
            #expect(settings[name]?.isEmpty == false, "\(name)")
        }
    }

    @Test func `strict certificates are libpq's verify-full`() throws {
        #expect(try keyword("sslmode", of: "postgresql://h/d?sslmode=require&sslaccept=strict") == "verify-full")
        #expect(try keyword("sslmode", of: "postgresql://h/d?sslaccept=strict&sslmode=require") == "verify-full")
        #expect(try keyword("sslmode", of: "postgresql://h/d?sslmode=require&sslaccept=accept_invalid_certs") == "require")
    }

    @Test(arguments: [
        ("", "is empty"), ("mysql://h/d", "postgresql://"), ("postgresql://h:x/d", "port"), ("postgresql://h:0/d", "port"),
        ("postgresql://h:65536/d", "port"), ("postgresql://[::1/d", "bracket"), ("postgresql://u:%zz@h/d", "hexadecimal"),
        ("postgresql://u:%ff@h/d", "UTF-8"), ("postgresql://u:%00@h/d", "NUL"), ("postgresql://h/d?a", "name=value"),
        ("postgresql://h/d?connection_limit=0", "1 to 10000"), ("postgresql://h/d?connection_limit=ten", "connection_limit"),
        ("postgresql://h/d?pool_timeout=-1", "pool_timeout"), ("postgresql://h/d?pgbouncer=yes", "`true`, `false`"),
        ("postgresql://h/d?sslmode=strong", "`verify-full`"), ("postgresql://h/d?schema=", "schema"),
        ("postgresql://h/d?schema=a&schema=b", "twice"), ("postgresql://h/d?sslidentity=a.p12", "sslcert"),
        ("postgresql://h/d?conection_limit=3", "Did you mean `connection_limit`?"), ("postgresql://h/d?xyzzy=3", "`xyzzy`"),
    ])
    func `what cannot be used is refused with its reason`(url: String, reason: String) {
        #expect {
            _ = try ConnectionSettings(url: url)
        } throws: { error in
            guard let failure = error as? Failure else { return false }
            return failure.code == "P6001" && failure.status == .invalidConfiguration && failure.message.contains(reason)
        }
    }

    @Test(arguments: [
        "postgresql://u:c4n4ry@h:x/d", "postgresql://u:c4n4ry@h/d?bad=1", "postgresql://u:a/c4n4ry@h/d?bad=1",
        "postgresql://u:a?c4n4ry=b@h/d", "postgresql://u:a?b=c4n4ry@h/d", "postgresql://u:c4n4ry%zz@h/d",
        "postgresql://u:p@h/d?sslmode=c4n4ry", "postgresql://u:p@h/d?password=c4n4ry&connection_limit=x",
        "postgresql://u:#c4n4ry@h/d?x=1", "c4n4ry://u:p@h", "postgresql://u:a?x=1&c4n4ry=b@h/d",
    ])
    func `no error shows a part of a password or the URL`(url: String) {
        do {
            _ = try ConnectionSettings(url: url)
            Issue.record("the URL was accepted")
        } catch {
            #expect(!error.words.contains("c4n4ry"))
        }
    }

    @Test func `the identity tells databases, roles, schemas and options apart, and holds no password`() throws {
        let urls = [
            "postgresql://u:secret@h/d", "postgresql://v:secret@h/d", "postgresql://u:secret@g/d", "postgresql://u:secret@h/e",
            "postgresql://u:secret@h:1/d", "postgresql://u:secret@h/d?schema=s", "postgresql://u:secret@h/d?options=-c%20a%3Db",
            "postgresql://u:secret@h/d?schema=s&options=-c%20a%3Db",
        ]
        let identities = try urls.map { try ConnectionSettings(url: $0).identity }
        #expect(Set(identities).count == urls.count)
        #expect(!identities.contains { $0.contains("secret") })
        #expect(try ConnectionSettings(url: "postgresql://u:other@h/d?connection_limit=2").identity == identities[0])
    }
}
