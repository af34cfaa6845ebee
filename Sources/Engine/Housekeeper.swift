/// A thread that tidies a few times a second: it gives the cache's dead and expired bytes back, and ends idle connections.
final class Housekeeper: Sendable {
    /// How long it sleeps when there was nothing left to do, and between two portions of work.
    private static let idleMilliseconds: UInt64 = 200
    private static let busyMilliseconds: UInt64 = 1

    private let end = Signal()
    private let worker = Once<Worker>()

    /// Calls `tidy` until `close`; it says whether there is more to do at once.
    func start(_ tidy: @escaping @Sendable () -> Bool) {
        let end = end
        worker.set(
            Worker {
                var pause = Housekeeper.idleMilliseconds
                while !end.wait(milliseconds: pause) {
                    pause = tidy() ? Housekeeper.busyMilliseconds : Housekeeper.idleMilliseconds
                }
            })
    }

    func close() {
        end.raise()
        worker.value?.join()
    }
}
