import Testing
import Text

@testable import Postgres

/// Errors of the server under Prisma's codes.
@Suite struct ServerErrorTests {
    private func error(
        _ state: String, primary: String = "", detail: String? = nil, column: String? = nil, constraint: String? = nil, function: String? = nil,
        hasPosition: Bool = false
    ) -> ServerError {
        var error = ServerError(sqlState: state, primary: primary)
        error.detail = detail
        error.column = column
        error.constraint = constraint
        error.function = function
        error.hasPosition = hasPosition
        return error
    }

    private func told(_ error: ServerError, raw: String? = nil, shows: Bool = false) -> Failure {
        error.failure(ServerError.ErrorDisclosure(rawText: raw, showsServerMessages: shows))
    }

    @Test(arguments: [
        ("23505", "P2002", Failure.Status.constraint), ("23503", "P2003", .constraint), ("23502", "P2011", .constraint),
        ("23514", "P2004", .constraint), ("22001", "P2000", .invalidRequest), ("22003", "P2020", .invalidRequest),
        ("22P02", "P2007", .invalidRequest), ("22007", "P2007", .invalidRequest), ("22021", "P2023", .database), ("22P05", "P2023", .invalidRequest),
        ("42601", "P2007", .invalidRequest),
        ("42P01", "P2021", .database), ("42703", "P2022", .database), ("42501", "P1010", .denied), ("40001", "P2034", .conflict),
        ("40P01", "P2034", .conflict), ("53300", "P6008", .unavailable), ("57P01", "P6008", .unavailable),
        ("57014", "P6004", .timeout), ("53100", "P2016", .database), ("XX000", "P2016", .database), ("", "P6000", .internal),
        ("428C9", "P2004", .constraint), ("P0001", "P2035", .database), ("0A000", "P2026", .database), ("54011", "P2029", .database),
        ("55P03", "P2034", .conflict), ("23001", "P2003", .constraint), ("25006", "P2016", .database), ("42883", "P2023", .database),
        ("28000", "P1010", .denied), ("08P01", "P6000", .internal), ("25P02", "P2028", .conflict), ("AB123", "P2016", .database),
    ])
    func `each SQLSTATE has its code and status`(state: String, code: String, status: Failure.Status) {
        let failure = told(error(state))
        #expect(failure.code == code)
        #expect(failure.status == status)
        #expect(failure.sqlState == (state.isEmpty ? nil : state))
    }

    @Test func `a unique violation names its columns, whatever the language of the server`() {
        let failure = told(error("23505", detail: "Schlüssel »(a, \"B c\")=(c4n4ry, 2)« existiert bereits.", constraint: "t_key", function: "_bt_check_unique"))
        #expect(failure.meta.first?.value == .texts(["a", "B c"]))
        #expect(failure.message == "Unique constraint failed on the fields: (`a`,`B c`)")
        #expect(told(error("23505", constraint: "t_key")).meta.first?.value == .text("t_key"))
    }

    @Test func `missing tables and columns are named`() {
        let table = error("42P01", primary: "relation \"public.User\" does not exist", hasPosition: true)
        #expect(told(table).meta.first?.value == .text("public.User"))
        let column = error("42703", primary: "Spalte »emial« existiert nicht", hasPosition: true)
        #expect(told(column).meta.first?.value == .text("emial"))
    }

    @Test func `a missing column is named by its place in the statement`() {
        var problem = error("42703", primary: "Spalte t1.naïve existiert nicht", hasPosition: true)
        let text = #"SELECT t0."ä""b", t1."naïve" FROM "public"."Us""er" AS t0 JOIN "p"."Post" AS t1 ON TRUE"#
        problem.position = 19
        #expect(problem.missingColumn(["SELECT 1", text]) == "Post.naïve")
        #expect(problem.missingColumn([String(text.dropFirst(9))]) == nil)
    }

    @Test func `who is denied is told of the table, if the statement names it`() {
        let problem = error("42501", primary: "keine Berechtigung für Tabelle User")
        let failure = problem.failure(ServerError.ErrorDisclosure(texts: [#"SELECT t0."Use", t0."id" FROM "public"."User" AS t0"#]))
        #expect(failure.meta.first?.value == .text("User"))
        #expect(!problem.failure(ServerError.ErrorDisclosure(texts: [#"SELECT 1 FROM "Users""#])).words.contains("User`"))
    }

    @Test func `a raw statement with too many values says how many it takes`() {
        let problem = error("08P01", primary: "bind message supplies 2 parameters, but prepared statement \"a1_7\" requires 1", function: "exec_bind_message")
        let failure = problem.failure(ServerError.ErrorDisclosure(rawText: "SELECT $1", rawValueCount: 2))
        #expect(failure.code == "P2010")
        #expect(failure.message.contains("expected 1, actual 2"))
    }

    @Test func `what is missing by a value is not named`() {
        for state in ["42P01", "42703"] {
            #expect(!told(error(state, primary: "relation \"c4n4ry\" does not exist")).words.contains("c4n4ry"))
        }
    }

    @Test func `columns are read from the detail of a key alone`() {
        let quoted = "Failing row contains (1, c4n4ry)=(x)."
        for (state, function) in [("23502", "ExecConstraints"), ("23502", "_bt_check_unique"), ("23505", "somebody_else"), ("23505", nil)] {
            #expect(!told(error(state, detail: quoted, function: function)).words.contains("c4n4ry"))
        }
        #expect(told(error("23502", detail: quoted, column: "a")).meta.first?.value == .texts(["a"]))
    }

    @Test func `of a raw statement the server's words are shown where they are the parser's, or quote the statement`() {
        func shown(_ state: String, _ primary: String, _ text: String, function: String? = nil, hasPosition: Bool = false) -> Bool {
            told(error(state, primary: primary, function: function, hasPosition: hasPosition), raw: text).message.contains(primary)
        }
        #expect(shown("42P01", "relation \"x\" does not exist", "SELECT * FROM y", hasPosition: true))
        #expect(shown("42P01", "table \"x\" does not exist", "DROP TABLE x"))
        #expect(!shown("42P01", "relation \"c4n4ry\" does not exist", "SELECT $1::regclass"))
        #expect(!shown("42704", "Rolle »c4n4ry« existiert nicht", "SELECT $1::regrole"))
        #expect(shown("2BP01", "cannot drop table \"x\" because other objects depend on it", "DROP TABLE \"x\""))
        #expect(shown("25006", "cannot execute UPDATE in a read-only transaction", "UPDATE x SET a = 1"))
        #expect(!shown("42883", "operator does not exist: c4n4ry", "SELECT $1::regoper"))
        #expect(!shown("0A000", "cross-database references are not implemented: c4n4ry.a.b", "SELECT $1::regproc"))
        #expect(!shown("22P02", "invalid input syntax for type integer: \"c4n4ry\"", "SELECT 'c4n4ry'::int", hasPosition: true))
        #expect(!shown("42P01", "c4n4ry", "SELECT f()", function: "exec_stmt_raise", hasPosition: true))
        #expect(!shown("42704", "\"\" \"c4n4ry", "SELECT f()"))
    }

    @Test(arguments: ["22P02", "22001", "22003", "23505", "23502", "23514", "P0001", "XX000", "22P05"])
    func `no message quotes a value, raw or not, unless the owner asks`(state: String) {
        let problem = error(state, primary: "bad value: \"c4n4ry\"", detail: "Failing row contains (c4n4ry).", column: "a")
        for failure in [told(problem), told(problem, raw: "SELECT $1")] {
            #expect(!failure.words.contains("c4n4ry"))
        }
        let shown = told(problem, raw: "SELECT $1", shows: true)
        #expect(shown.message.contains("c4n4ry"))
    }

    @Test func `raw SQL gets P2010 with the server's code, but conflicts and lost sessions keep theirs`() {
        let failure = told(error("42601", primary: "syntax error at or near \"SELEC\"", hasPosition: true), raw: "SELEC")
        #expect(failure.code == "P2010")
        #expect(failure.meta.map(\.key) == ["code", "message"])
        #expect(failure.meta.first?.value == .text("42601"))
        #expect(failure.message.contains("SELEC"))
        #expect(told(error("40001"), raw: "SELECT 1").code == "P2034")
        #expect(told(error("57P01"), raw: "SELECT 1").code == "P6008")
    }

    @Test func `conflicts and lost connections may be tried again, mistakes may not`() {
        for state in ["40001", "40P01", "53300", "57P01", "53200"] { #expect(told(error(state)).isRetryable, "\(state)") }
        for state in ["23505", "22P02", "42P01", "57014"] { #expect(!told(error(state)).isRetryable, "\(state)") }
    }

    @Test(arguments: [
        ("connection to server on socket \"/x\" failed: FATAL:  3D000\n", "P1003"),
        ("Verbindung: FATAL:  28P01\n", "P1000"), ("x failed: FATAL:  28000\n", "P1010"), ("x failed: FATAL:  53300\n", "P2037"),
        ("x failed: FATAL:  57P03\n", "P1001"), ("x failed: fe_sendauth: no password supplied\n", "P1000"),
        ("connection to server at \"h\", port 5432 failed: Connection refused\n\tIs the server running?\n", "P1001"),
        ("could not translate host name \"ABCDE\"\n", "P1001"), ("", "P1001"),
    ])
    func `a failed connect has its cause`(message: String, code: String) {
        #expect(ConnectFailure(message: message, stage: .unreached).code == code)
    }

    @Test(arguments: [
        ("server closed the connection unexpectedly\n\tThis probably means\n", "P1017", "closed"),
        ("received invalid response to SSL negotiation: H\n", "P1001", "not a PostgreSQL"),
        ("server does not support SSL, but SSL was required\n", "P1011", "does not offer"),
        ("SSL SYSCALL error: EOF detected\n", "P1011", "TLS"), ("FATAL:  42704\n", "P1013", "`options`"), ("FATAL:  08P01\n", "P1001", "pooler"),
    ])
    func `what came instead of a session is told`(message: String, code: String, words: String) {
        let failure = ConnectFailure(message: "connection to server at \"h\", port 1 failed: " + message, stage: .encrypting)
        #expect(failure.code == code)
        #expect(failure.reason.contains(words))
    }

    @Test func `without a SQLSTATE the stage says what failed`() {
        #expect(ConnectFailure(message: "", stage: .encrypting).code == "P1011")
        #expect(ConnectFailure(message: "", stage: .authenticating).code == "P1017")
    }

    @Test func `an error without a code is a lost connection for a listener, too`() {
        for state in ["", "57P01", "57P03", "08006"] {
            #expect(Listener.failure(of: ServerError(sqlState: state)) == Connection.lostFailure, "\(state)")
        }
        #expect(Listener.failure(of: ServerError(sqlState: "25006")) == Listener.standbyFailure)
        #expect(Listener.failure(of: ServerError(sqlState: "42501")).status == .denied)
    }
}
