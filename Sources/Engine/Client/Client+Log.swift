import Query
import Telemetry
import Text

// The log: what it records about requests, and how it is taken.

extension Client {
    /// `$log.take`: `{"limit": 100}` → `{"events": […], "dropped": 0}`. An event is given once.
    func takeLog(_ envelope: Envelope, _ document: JSONDocument) throws(Failure) -> Reply {
        let limit = try OperationArguments.logLimit(envelope, document)
        guard let log else {
            throw .parameter(.notAllowed, at: "operation", "is `$log.take`, which needs a client opened with `log`, a list of levels.")
        }
        let (events, dropped) = log.take(atMost: limit ?? .max, bytes: limits.responseBytes - Limits.logFrameBytes)
        var answer = ByteBuffer(capacity: 1024)
        answer.append("{\"events\":[")
        answer.append(list: events) { $0.append($1) }
        answer.append("],\"dropped\":")
        answer.append(decimal: dropped)
        answer.append(UInt8(ascii: "}"))
        return .plain(answer)
    }

    /// A request ended with an error.
    func logFailure(_ failure: Failure, _ trace: Trace) {
        guard let log, log.has(.error) else { return }
        add(failure, to: log, .error, target: "request", trace)
    }

    /// A stale answer could not be refreshed. No caller waits for it.
    func logRefreshFailure(_ failure: Failure, _ trace: Trace) {
        guard let log, log.has(.warn) else { return }
        add(failure, to: log, .warn, target: "refresh", trace)
    }

    /// An old answer replaced an error.
    func logFallback(_ failure: Failure, _ trace: Trace) {
        guard let log, log.has(.warn) else { return }
        add(failure, to: log, .warn, target: "staleIfError", trace)
    }

    private func add(_ failure: Failure, to log: Log, _ level: Log.Level, target: StaticString, _ trace: Trace) {
        var event = LogEvent(level, target: target, in: log)
        event.add(members: failure.writeMembers)
        event.add(trace)
        log.add(event)
    }
}
