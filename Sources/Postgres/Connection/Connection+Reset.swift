import Concurrency
import Text

/// Undoing what a statement of the caller's own may have left in the session, before somebody else has it.
///
/// The statements are sent when the connection is given back, and answered by the time it is lent again: no caller waits a round trip for that.
/// They cost the server some ten microseconds. What is prepared stays prepared.
extension Connection {
    private enum ResetText {
        /// As DISCARD ALL, which would forget what is prepared. The role comes second: the role that the session begins as may begin with one.
        static let statements = """
            SET SESSION AUTHORIZATION DEFAULT; RESET ROLE; RESET ALL; CLOSE ALL; UNLISTEN *; SELECT pg_catalog.pg_advisory_unlock_all(); \
            DISCARD TEMP; DISCARD SEQUENCES
            """
    }

    private enum ResetLimits {
        /// For the answer, once somebody wants the connection.
        static let milliseconds = 2_000
    }

    /// Whether the session, which is given back in step with the server, may serve others. Sends what that takes.
    ///
    /// Its statements may have left nothing as far as their texts show. What a view, a trigger or a default called may have set something all
    /// the same: where the server reports that, it is undone, too.
    ///
    /// Behind PgBouncer in transaction mode the session belongs to no client, and what is sent now would reach another one. But the settings that a
    /// server reports go with its client from session to session: a connection that has others than at first is closed.
    func beginReset() -> Bool {
        defer {
            sessionEffect = .none
            mayHaveForgotten = false
        }
        if sessionEffect == .none {
            if settings.isPgBouncer || session.reports(firstSettings) { return true }
            sessionEffect = .undoable
        }
        if settings.isPgBouncer { return session.reports(firstSettings) }
        guard sessionEffect == .undoable else { return false }
        var text = ResetText.statements
        if hasLateSettings { text += "; " + settings.settingStatement }
        isResetting = text.withCString { session.sendScript(text: $0) } && session.flush() == .complete
        return isResetting
    }

    /// Takes the answer to what `beginReset` sent. False when the connection cannot be used.
    func endReset(until deadline: Deadline) -> Bool {
        guard isResetting else { return true }
        isResetting = false
        begin()
        do throws(ConnectionError) {
            try receiveOne(min(deadline, .after(milliseconds: ResetLimits.milliseconds))).clear()
        } catch {
            return false
        }
        session.dropNotifications()
        // Why: the server's own configuration may have changed, and is no trace of a statement.
        firstSettings = session.reportedSettings
        return machine.isReusable
    }
}
