import Concurrency
import Telemetry

// One thread that connects, probes, reads the clock, sends pending invalidations, and stores. Callers wait for it only at the first contact.

extension SecondTier {
    /// The system gave no thread: the tier is never used.
    func doWithout() {
        let words = "the system gives no thread"
        state.withLock { ($0.hasTried, $0.trouble) = (true, words) }
        report(.lost(words))
    }

    func runWorker() {
        var clockDue: UInt64 = 0
        while true {
            let seen = work.count
            let now = SecondTier.now
            if state.withLock({ $0.isClosed }) { return }
            var isBusy = probe(now)
            if state.withLock({ $0.breaker.isClosed }) {
                isBusy = sendPending() || isBusy
                if SecondTier.now >= clockDue {
                    // Why sooner: nothing is taken from the tier until its clock is known.
                    let pause = readClock() ? TierLimit.clockMilliseconds : TierLimit.unknownClockMilliseconds
                    clockDue = SecondTier.now &+ UInt64(pause) &* 1_000_000
                }
                isBusy = openSession() || isBusy
                isBusy = doJob() || isBusy
            } else {
                clockDue = 0
            }
            if isBusy { continue }
            let probeAt = state.withLock { $0.breaker.nextProbe }
            work.wait(after: seen, until: Deadline(nanoseconds: Int64(clamping: probeAt ?? clockDue)))
        }
    }

    /// Makes the one call that finds out whether the tier is back. Returns true if it was made.
    private func probe(_ now: UInt64) -> Bool {
        guard state.withLock({ $0.breaker.beginProbe(now: now) }) else { return false }
        var made: (any TierSession)?
        do throws(TierFault) {
            let (session, isOther) = try connect { state, epoch in
                state.jobs.removeAll()
                state.jobBytes = 0
                defer { state.epoch = epoch }
                guard let former = state.epoch, former != epoch else { return false }
                state.moves += 1
                return true
            }
            made = session
            // Why: what listens may still be connected to a former primary.
            if isOther { subscription.withLock { $0?.interrupt() } }
            try readClock(with: session)
            // Why first: a caller that sees the attempt ended, and the breaker open still, would go to the database.
            giveBack(session)
            state.withLock { state in
                state.hasTried = true
                state.refusal = nil
            }
            changed.signal()
            report(.connected)
        } catch {
            let isNew = state.withLock { state in
                let isFirst = !state.hasTried
                state.hasTried = true
                guard case .refused(let words) = error else { return isFirst }
                defer { state.refusal = words }
                return isFirst || state.refusal != words
            }
            if let made { giveUp(made, error) } else { fail(error) }
            if isNew { if case .refused(let words) = error { report(.refused(words)) } else { report(.lost(error.words)) } }
        }
        return true
    }

    /// Calls `body` with an idle or a new session. A fault ends the session. Returns true if `body` was called and there was none.
    @discardableResult
    private func withSession(_ body: (any TierSession) throws(TierFault) -> Void) -> Bool {
        guard let session = takeSession() else { return false }
        do throws(TierFault) {
            try body(session)
            giveBack(session)
            return true
        } catch {
            giveUp(session, error)
        }
        return false
    }

    private enum Place {
        case taken(any TierSession)
        case free
        case none
        case awaited
    }

    /// Takes an idle session or opens one. Where there are as many as may be, waits until a caller gives one back. Nil where there is none by then.
    private func takeSession() -> (any TierSession)? {
        let end = workDeadline
        while true {
            let seen = changed.count
            let isOver = Deadline.now >= end
            let place = state.withLock { state -> Place in
                state.isWorkerWaiting = false
                if state.isClosed || !state.breaker.isClosed { return .none }
                if let session = state.takeOldest() { return .taken(session) }
                if state.mayOpen(SecondTier.now) { return .free }
                state.isWorkerWaiting = !isOver
                return .awaited
            }
            switch place {
            case .taken(let session): return session
            case .free: return open()
            case .none: return nil
            case .awaited where isOver:
                // Why: a caller may have left a session to this thread.
                changed.signal()
                return nil
            case .awaited: changed.wait(after: seen, until: end)
            }
        }
    }

    /// Opens a session. Nil where that is not possible, which is the tier's fault only if there is no other one.
    private func open() -> (any TierSession)? {
        do throws(TierFault) {
            return try connectOneMore()
        } catch {
            let isOnly = state.withLock { state in
                state.noOpeningUntil = SecondTier.now &+ UInt64(TierLimit.openingMilliseconds) &* 1_000_000
                return state.sessions == 0
            }
            // Why not otherwise: a server that has no connection left still answers on those that there are.
            if isOnly { fail(error) } else { counters.faults.add() }
            return nil
        }
    }

    /// Connects a session, which is in use then. A move meanwhile is a fault: the session may lead to the former primary.
    /// - Parameter note: called with the state and the session's epoch, at the moment from which `leave` interrupts the session.
    private func connect<Noted>(_ note: (inout State, ServerEpoch) -> Noted) throws(TierFault) -> (any TierSession, Noted) {
        let moves = state.withLock { $0.moves }
        let session = try store.connect(until: .after(milliseconds: TierLimit.connectMilliseconds))
        let noted: Noted? = state.withLock { state in state.beginUse(session, since: moves) ? note(&state, session.epoch) : nil }
        if let noted { return (session, noted) }
        session.close()
        throw .failed("another server became the primary while it was connected")
    }

    private func connectOneMore() throws(TierFault) -> any TierSession {
        let (session, isOther) = try connect { state, epoch in state.epoch != epoch }
        if !isOther { return session }
        meet(session.epoch)
        do throws(TierFault) {
            // Why at once: an answer must not be stored or judged by another server's clock.
            try readClock(with: session)
        } catch {
            state.withLock { state in
                state.endUse(session)
                state.sessions -= 1
            }
            session.close()
            throw error
        }
        return session
    }

    /// The server, its run or its clock has changed. Gives up the sessions of the former epoch.
    private func meet(_ epoch: ServerEpoch) {
        let old = state.withLock { state -> [any TierSession]? in
            guard state.epoch != epoch else { return nil }
            // Why not the first one: there is no former server.
            if state.epoch != nil { state.moves += 1 }
            state.epoch = epoch
            state.clock = TierClock()
            defer { state.idle = [] }
            state.sessions -= state.idle.count
            return state.idle
        }
        guard let old else { return }
        for session in old { session.close() }
        subscription.withLock { $0?.interrupt() }
    }

    /// The deadline of a worker's call that begins now.
    private var workDeadline: Deadline { .after(milliseconds: max(settings.timeoutMilliseconds, TierLimit.workMilliseconds)) }

    private func readClock() -> Bool {
        withSession { (session) throws(TierFault) in try readClock(with: session) }
    }

    private func readClock(with session: any TierSession) throws(TierFault) {
        let asked = SecondTier.now
        let reading = try session.readClock(until: workDeadline)
        let came = SecondTier.now
        // Why before: a session of the former epoch must not be returned as a good one.
        meet(reading.epoch)
        if reading.epoch != session.epoch { throw .failed("the server began another epoch") }
        state.withLock { $0.clock.set(reading.microseconds, asked: asked, came: came) }
        // Why: during a failover, what listens may have been led to another server than the sessions.
        subscription.withLock { if let other = $0, other.server != session.server { other.interrupt() } }
    }

    private func sendPending() -> Bool {
        guard let batch = state.withLock({ $0.pending.batch }) else { return false }
        withSession { (session) throws(TierFault) in
            try session.invalidate(batch.change, from: origin, until: workDeadline)
            state.withLock { $0.pending.confirm(batch.number) }
        }
        changed.signal()
        return true
    }

    /// Opens another session if callers wait for one.
    private func openSession() -> Bool {
        let now = SecondTier.now
        guard state.withLock({ $0.idle.isEmpty && $0.waiting > 0 && $0.mayOpen(now) }), let session = open() else { return false }
        giveBack(session)
        return true
    }

    /// Stores an answer or releases a lease, where one waits and callers leave a session for it.
    private func doJob() -> Bool {
        let isThere = state.withLock { state in
            state.areJobsDelayed = !state.jobs.isEmpty && state.mustDelayJobs
            return !state.jobs.isEmpty && !state.areJobsDelayed
        }
        guard isThere else { return false }
        withSession { (session) throws(TierFault) in
            guard let job = takeJob() else { return }
            let deadline = workDeadline
            switch job {
            case .release(let lease): try session.release(lease, until: deadline)
            case .store(let answer):
                // Why not in another epoch: its versions are not those that were read.
                guard session.epoch == answer.lease.epoch else { return }
                if try session.store(answer.entry, answer.lease, lifeMilliseconds: answer.lifeMilliseconds, until: deadline) {
                    counters.stores.add()
                } else {
                    counters.fenced.add()
                }
            }
        }
        return true
    }

    private func takeJob() -> Job? {
        state.withLock { state in
            guard let job = state.jobs.popFirst() else { return nil }
            if case .store(let answer) = job { state.jobBytes -= answer.entry.payload.bytes.count }
            return job
        }
    }
}
