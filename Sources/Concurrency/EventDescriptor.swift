import CLinux
import Synchronization

/// A signal that can be waited for together with sockets: an eventfd. Any thread.
///
/// Level-triggered: once signaled it stays so until `clear`.
package final class EventDescriptor: Sendable {
    /// The descriptor, readable while it is signaled. It is -1 when the process had no descriptor left; then only the deadline ends a wait.
    package let descriptor: Int32
    private let signaled = Atomic<Bool>(false)
    /// A child of `fork()` never finds it readable.
    private let isHiddenFromForks: Bool

    package init(isHiddenFromForks: Bool = false) {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        self.isHiddenFromForks = isHiddenFromForks && descriptor >= 0
        if self.isHiddenFromForks { ForkGate.watch(descriptor) }
    }

    deinit {
        guard descriptor >= 0 else { return }
        if isHiddenFromForks { ForkGate.unwatch(descriptor) }
        close(descriptor)
    }

    package var isSignaled: Bool { signaled.load(ordering: .acquiring) }

    /// Sleeps until it is signaled, or until `deadline`. Returns whether it is signaled.
    package func wait(until deadline: Deadline) -> Bool {
        var descriptor = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while !isSignaled {
            let timeout = deadline.pollMilliseconds
            if timeout == 0 { return false }
            _ = ForkGate.outside { poll(&descriptor, 1, timeout) }
        }
        return true
    }

    package func signal() {
        signaled.store(true, ordering: .releasing)
        linux_ring(descriptor)
    }

    /// Clears the signal. The caller makes sure that no `signal` runs at the same time.
    package func clear() {
        signaled.store(false, ordering: .releasing)
        linux_silence(descriptor)
    }
}
