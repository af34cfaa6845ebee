import Foundation

/// A program that runs beside the tests. Used by one thread at a time.
///
/// Why not Foundation's `Process`: it learns of a program's end by a socket which another program, started at the same moment, may
/// inherit; then it waits for the end of that one, which for a server never comes.
final class Program {
    let id: pid_t
    private var status: Int32?

    /// Starts a command in `/`, found by PATH. What it prints goes to the file `log`.
    init(_ command: [String], log: String) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0o644)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // Why: it shall hold no connection of a test. (glibc lets one close what is not open.)
        for descriptor in 3..<1024 as Range<Int32> { posix_spawn_file_actions_addclose(&actions, descriptor) }
        let arguments = (["/usr/bin/env", "-C", "/"] + command).map { strdup($0) }
        let environment = ProcessInfo.processInfo.environment.map { strdup("\($0.key)=\($0.value)") }
        defer { (arguments + environment).forEach { free($0) } }
        var id = pid_t()
        let problem = posix_spawn(&id, "/usr/bin/env", &actions, nil, arguments + [nil], environment + [nil])
        if problem != 0 { throw POSIXError(POSIXErrorCode(rawValue: problem) ?? .ENOEXEC) }
        self.id = id
    }

    var isRunning: Bool { ended(WNOHANG) == nil }

    /// Waits for its end. 0 is success.
    func wait() -> Int32 { ended(0) ?? -1 }

    private func ended(_ options: Int32) -> Int32? {
        var status: Int32 = 0
        while self.status == nil {
            let found = waitpid(id, &status, options)
            if found == id { self.status = status }
            if found == 0 || (found < 0 && errno != EINTR) { break }
        }
        return self.status
    }
}
