import Cache
import Concurrency
import Postgres
import Query
import Text

// Requests whose caller does not wait, such as an event loop.

extension Client {
    /// Answers at once if that is possible: a hit, or an invalid request. Nil if `Submissions.take` will return the reply.
    @inline(__always)
    package func request(_ text: UnsafeRawBufferPointer, token: UInt64) -> Reply? {
        // Why the size first: an absurd size is refused before a byte is read.
        if text.count <= limits.requestBytes, let hit = cache.hit(text: text, now: clock.now) {
            return hit.mustRefresh ? refreshing(hit, text) : reply(hit, refresh: text)
        }
        return requestSlowly(text, token)
    }

    /// Returns a hit, or nil. Starts no query.
    @inline(__always)
    package func lookup(_ text: UnsafeRawBufferPointer) -> Reply? {
        guard text.count <= limits.requestBytes, let hit = cache.hit(text: text, now: clock.now) else { return nil }
        return hit.mustRefresh ? refreshing(hit, text) : reply(hit, refresh: text)
    }

    @inline(never)
    private func requestSlowly(_ text: UnsafeRawBufferPointer, _ token: UInt64) -> Reply? {
        ForkGate.enter()
        defer { ForkGate.leave() }
        return Stack.with(Stack.base) { requestHere(text, token) } ?? .withoutStack()
    }

    @inline(never)
    private func requestHere(_ text: UnsafeRawBufferPointer, _ token: UInt64) -> Reply? {
        guard text.count <= limits.requestBytes else { return failed(tooLarge(text), Trace()) }
        if let reply = tracedHit(text) { return reply }
        do throws(Failure) {
            return add(text, token, try RequestPreview(decoding: text)).map { failed($0, Trace()) }
        } catch {
            return failed(error, Trace())
        }
    }

    /// Starts a request for `Submissions.take`. A hit is finished at once. Returns the failure if it is not accepted.
    func submit(_ text: UnsafeRawBufferPointer, token: UInt64) -> Failure? {
        guard text.count <= limits.requestBytes else { return submissions.finish(failed(tooLarge(text), Trace()), token: token) }
        guard let hit = cache.hit(text: text, now: clock.now) else {
            if let reply = tracedHit(text) { return submissions.finish(reply, token: token) }
            return add(text, token, RequestPreview(text))
        }
        return submissions.finish(reply(hit, refresh: text), token: token)
    }

    private func add(_ text: UnsafeRawBufferPointer, _ token: UInt64, _ preview: RequestPreview) -> Failure? {
        let arrival = Deadline.now
        let deadline = deadline(preview.timeoutMilliseconds, since: arrival)
        return submissions.add(text, token: token, lane: preview.transaction, since: arrival, until: deadline) ? nil : .queueIsFull
    }
}
