package import Concurrency
package import Text

extension Pool {
    /// Takes what a session has told about itself, once, before its answer is kept or anybody else uses it.
    func noteIdentity(of connection: Connection) {
        guard let identity = connection.identity, connection.startGeneration != IdentityRecord.noGeneration else { return }
        connection.generation = identities.tell(identity, start: connection.startGeneration, now: Deadline.now.nanoseconds)
        connection.startGeneration = IdentityRecord.noGeneration
    }

    /// Returns a leased connection once it has told what it is, where that matters. Otherwise releases it and throws.
    func identified(_ connection: Connection, until deadline: Deadline) throws(Failure) -> Connection {
        guard identities.areWanted, connection.identity == nil else { return connection }
        do throws(Failure) {
            try connection.identify(until: deadline)
        } catch {
            release(connection)
            throw error
        }
        noteIdentity(of: connection)
        return connection
    }

    /// Uses a connection, so that its session tells. Makes one if there is none, until `deadline` at most.
    package func askIdentity(until deadline: Deadline, cancellation: CancellationToken?) throws(Failure) {
        release(try lease(until: deadline, cancellation: cancellation))
    }

    /// Returns what holds for the answers that are read from now on. Makes a connection if none has told yet, until `deadline` at most.
    package func identify(until deadline: Deadline, cancellation: CancellationToken?) throws(Failure) -> IdentityRecord.Current {
        identities.want()
        if let known = identities.current { return known }
        try askIdentity(until: deadline, cancellation: cancellation)
        guard let known = identities.current else { throw Connection.lostFailure }
        return known
    }
}
