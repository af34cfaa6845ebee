import Concurrency
import Text

/// Undoes what a caller's own statement may have left in the session, before another caller uses the session.
///
/// The statements are sent when the connection is returned. Their reply is read when it is leased again, so no caller waits for a round trip.
/// They cost the server about ten microseconds. Prepared statements stay prepared.
extension Connection {
    private enum ResetText {
        /// DISCARD ALL without DEALLOCATE, which would drop the prepared statements. RESET ROLE comes second, because a session's own role may
        /// start with one.
        static let statements = """
            SET SESSION AUTHORIZATION DEFAULT; RESET ROLE; RESET ALL; CLOSE ALL; UNLISTEN *; SELECT pg_catalog.pg_advisory_unlock_all(); \
            DISCARD TEMP; DISCARD SEQUENCES
            """
    }

    /// Returns true if the session may serve other callers. Sends the reset statements if they are needed.
    ///
    /// The text of a statement shows most effects. A view, a trigger or a default may have changed a setting all the same. If the server
    /// reported
    /// such a change (ParameterStatus), the session is reset, too.
    ///
    /// A PgBouncer in transaction mode would pass the reset to another server session, so none is sent. The settings that a server reports
    /// follow their client there. A connection whose reported settings differ from the first ones is therefore closed.
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

    /// Reads the reply to what `beginReset` sent. Returns false if the connection cannot be used.
    func endReset(until deadline: Deadline) -> Bool {
        guard isResetting else { return true }
        isResetting = false
        begin()
        do throws(ConnectionError) {
            try receiveOne(min(deadline, .after(milliseconds: PostgresLimit.resetMilliseconds))).clear()
        } catch {
            return false
        }
        session.dropNotifications()
        // Why: settings that changed with the server's own configuration are not a trace of a statement.
        firstSettings = session.reportedSettings
        return machine.isReusable
    }
}
