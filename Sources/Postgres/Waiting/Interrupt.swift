import CLinux
import Locking
import Synchronization

/// Wakes the thread that waits for a connection's server, from any other thread.
///
/// Level-triggered: once raised it stays raised until `clear`.
final class Interrupt: Sendable {
    /// Readable while raised; -1 when the process has no descriptor left, and then only the deadline ends a wait.
    let descriptor: Int32
    private let raised = Atomic<Bool>(false)

    init() { descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK)) }

    deinit { if descriptor >= 0 { close(descriptor) } }

    var isRaised: Bool { raised.load(ordering: .acquiring) }

    /// Sleeps until it is raised, or until `deadline`. Whether it is raised.
    func wait(until deadline: Deadline) -> Bool {
        var descriptor = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while !isRaised {
            let timeout = deadline.pollMilliseconds
            if timeout == 0 { return false }
            _ = ForkGate.outside { poll(&descriptor, 1, timeout) }
        }
        return true
    }

    func raise() {
        raised.store(true, ordering: .releasing)
        linux_ring(descriptor)
    }
}
