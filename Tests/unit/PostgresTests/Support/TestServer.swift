import Foundation
import Testing

@testable import Postgres

/// A PostgreSQL server of the tests' own: in a temporary directory, reached by a Unix socket alone, gone when the tests end.
///
/// When the server's programs are missing the tests fail and say what to install; nothing is skipped.
final class TestServer: @unchecked Sendable {  // Why unchecked: `program` changes in `restart`, by one test, on a server of its own.
    /// Started by the first test that asks for it.
    static let shared = Result { try TestServer() }

    let directory: URL
    let port: Int
    private var program: Program
    private let command: [String]
    private let binaries: String
    static let database = "accelerant_test"

    struct Unavailable: Error, CustomStringConvertible {
        var description: String
    }

    /// - Parameters:
    ///   - settings: further ones of the server, as `name=value`.
    ///   - hostRules: what `pg_hba.conf` says; everybody is trusted otherwise.
    ///   - password: of the user `tester`.
    ///   - certificate: with it the server listens on a port of 127.0.0.1, too, and speaks TLS there.
    init(
        settings: [String] = [], hostRules: String? = nil, password: String? = nil, certificate: TestCertificate? = nil
    ) throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("accelerant-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        try TestServer.run(["chmod", "0755", directory.path])
        let data = directory.appendingPathComponent("data").path
        let socket = directory.path
        if TestServer.isRoot { try TestServer.run(["chown", "postgres", directory.path]) }
        binaries = try TestServer.binaries()
        try TestServer.run(
            TestServer.unprivileged + [
                "\(binaries)/initdb", "-D", data, "-U", "tester", "--auth=trust", "--no-sync", "-E", "UTF8",
                "--locale=C.UTF-8",
            ])
        if let password {
            let command = "echo \"ALTER USER tester PASSWORD '\(password)'\" | \(binaries)/postgres --single -D \(data) postgres"
            try TestServer.run(TestServer.unprivileged + ["sh", "-c", command])
        }
        if let hostRules {
            try TestServer.run(TestServer.unprivileged + ["sh", "-c", "printf '%s' '\(hostRules)' > \(data)/pg_hba.conf"])
        }
        port = certificate == nil ? 5432 : try TestServer.freePort()
        var settings = settings
        if let certificate {
            let files = try certificate.install(in: data, ownedByRoot: TestServer.isRoot)
            settings = ["listen_addresses=127.0.0.1", "port=\(port)", "ssl=on"] + files + settings
        }
        let options = [
            "listen_addresses=", "unix_socket_directories=\(socket)", "fsync=off", "timezone=UTC", "max_connections=60",
            "autovacuum=off", "log_destination=stderr",
        ]
        command =
            TestServer.unprivileged + ["\(binaries)/postgres", "-D", data] + (options + settings).flatMap { ["-c", $0] }
        program = try Program(command, log: directory.appendingPathComponent("log").path)
        TestServer.stopAtExit(program, directory)
        try waitUntilReady()
        if hostRules == nil {
            try TestServer.run(["\(binaries)/createdb", "-h", socket, "-p", "\(port)", "-U", "tester", TestServer.database])
        }
    }

    /// A URL for a connection with further parameters, as `&schema=s`.
    func url(_ parameters: String = "", database: String = TestServer.database, user: String = "tester") -> String {
        "postgresql://\(user)@localhost:\(port)/\(database)?host=\(directory.path)\(parameters)"
    }

    func settings(_ parameters: String = "") throws -> ConnectionSettings { try ConnectionSettings(url: url(parameters)) }

    private func waitUntilReady() throws {
        for _ in 0..<200 {
            if (try? TestServer.run(["\(binaries)/pg_isready", "-q", "-h", directory.path, "-p", "\(port)"])) != nil { return }
            guard program.isRunning else { break }
            usleep(50_000)
        }
        let log = (try? String(contentsOf: directory.appendingPathComponent("log"), encoding: .utf8)) ?? ""
        throw Unavailable(description: "the test server did not start:\n\(log)")
    }

    /// A URL that goes over TCP.
    func tcpURL(_ parameters: String) -> String {
        "postgresql://tester@127.0.0.1:\(port)/\(TestServer.database)?\(parameters)"
    }

    /// A port that was free a moment ago.
    private static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 ? getsockname(descriptor, $0, &size) : -1
            }
        }
        guard status == 0 else { throw Unavailable(description: "no free port on 127.0.0.1") }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    // MARK: Faults

    /// Stops the server and all that it started in its tracks, as a machine that hangs does.
    func freeze() { signalAll(SIGSTOP) }
    func thaw() { signalAll(SIGCONT) }

    /// The whole server dies without a word.
    func killAtOnce() {
        signalAll(SIGKILL)
        _ = program.wait()
    }

    func restart() throws {
        program = try Program(command, log: directory.appendingPathComponent("log").path)
        TestServer.stopAtExit(program, directory)
        try waitUntilReady()
    }

    private func signalAll(_ signal: Int32) {
        let parent = program.id
        let output = (try? TestServer.output(["ps", "-o", "pid=", "--ppid", "\(parent)"])) ?? ""
        for child in output.split(whereSeparator: \.isWhitespace).compactMap({ Int32($0) }) { kill(child, signal) }
        kill(parent, signal)
    }

    // MARK: Processes

    private static var isRoot: Bool { geteuid() == 0 }

    /// The server refuses to run as root.
    private static var unprivileged: [String] {
        isRoot ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : []
    }

    private static func binaries() throws -> String {
        let root = "/usr/lib/postgresql"
        let versions = ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []).sorted { $0.compare($1, options: .numeric) == .orderedDescending }
        let candidates = versions.map { "\(root)/\($0)/bin" } + ["/usr/local/pgsql/bin", "/usr/local/bin", "/usr/bin"]
        for candidate in candidates where FileManager.default.isExecutableFile(atPath: "\(candidate)/initdb") { return candidate }
        throw Unavailable(description: "These tests need a PostgreSQL server's programs: install the package `postgresql`.")
    }

    static func run(_ command: [String]) throws { _ = try output(command) }

    /// What a command prints; throws when it fails.
    private static func output(_ command: [String]) throws -> String {
        let log = FileManager.default.temporaryDirectory.appendingPathComponent("accelerant-\(UUID().uuidString).log")
        defer { try? FileManager.default.removeItem(at: log) }
        let status = try Program(command, log: log.path).wait()
        let output = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
        if status != 0 {
            throw Unavailable(description: "`\(command.joined(separator: " "))` failed: \(output)")
        }
        return output
    }

    nonisolated(unsafe) private static var running: [(Program, URL)] = []  // Why unsafe: touched under `lock` and at exit alone.
    private static let lock = NSLock()

    private static func stopAtExit(_ program: Program, _ directory: URL) {
        lock.lock()
        defer { lock.unlock() }
        running.append((program, directory))
        if running.count > 1 { return }
        atexit {
            for (program, directory) in TestServer.running {
                // SIGQUIT: at once, without waiting for sessions.
                if program.isRunning { kill(program.id, SIGQUIT) }
                for _ in 0..<1000 where program.isRunning { usleep(10_000) }
                try? FileManager.default.removeItem(at: directory)
            }
        }
    }
}
