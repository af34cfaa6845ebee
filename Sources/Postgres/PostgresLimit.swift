/// The limits of connections, statements and waits. What a URL may set stands in `ConnectionParameter`.
enum PostgresLimit {
    // MARK: Sizes

    /// Most bytes of a connection URL. A longer one is refused.
    static let urlBytes = 8192
    /// Most parameters of a statement: the protocol counts them in 16 bits. A request with more of them is refused.
    static let parameters = 65_535
    /// The greatest depth of records within records in an answer. A deeper selection is refused.
    static let recordDepth = 64
    /// Most bytes that the server may send for an answer: this multiple of the answer's own limit, or the second number if that is more.
    static let receivedFactor = 16
    static let leastReceivedBytes = 1 << 20
    /// Most bytes that are read at once of a large reply.
    static let relayBytes = 64 << 10

    // MARK: What is kept

    /// Most raw statements that are kept. With more, all are forgotten.
    /// Why all: a caller that writes values into the text gains nothing by keeping it.
    static let rawStatements = 500
    /// Most bytes of a raw statement that is kept. A longer one is prepared each time.
    static let rawStatementBytes = 32_768
    /// Most types of the database that are kept. With more, all are forgotten.
    static let databaseTypes = 10_000
    /// Number of statements that wait to be deallocated before that is done.
    static let pendingDeallocations = 8
    /// Changes of the sessions' identity in a minute after which sessions of the former one are kept for a while.
    static let identityChanges = 8
    /// Most values of a read that may share a connection with others.
    static let multiplexedValues = 256

    // MARK: Times

    /// How much later than `connect_timeout` an attempt may end.
    static let connectToleranceMilliseconds = 20
    /// The longest attempt of the listener to connect, unless the URL's `connect_timeout` is less.
    static let listenerConnectMilliseconds = 10_000
    /// A connection that was idle for less is assumed to be alive, if the statement can be sent again.
    static let trustNanoseconds: Int64 = 500_000_000
    /// The longest that a multiplexed read may delay its neighbours.
    static let multiplexedNanoseconds: Int64 = 20_000_000
    /// A session that was not asked for its identity so long after its beginning is replaced.
    static let unidentifiedNanoseconds: Int64 = 1_000_000_000
    /// The span in which sessions of former identities are replaced at most `identityChanges` times.
    static let identityChangesNanoseconds: Int64 = 60_000_000_000
    /// How long a measured round trip holds.
    static let roundTripMilliseconds = 30_000
    /// The longest wait for the reset of a session, from the moment that a caller wants the connection.
    static let resetMilliseconds = 2_000
    /// The longest request to cancel a write whose time is up, and the longest wait for the server's last word on it.
    static let finalCancelMilliseconds = 100
    static let finalReplyMilliseconds = 250
    /// Records of an answer that are written between two looks at the clock.
    static let recordsPerLook = 1024
    /// The longest cancellation, from its beginning to the last check of its effect.
    static let cancelMilliseconds = 1_000
    /// The wait for an effect after the first request to cancel. It doubles after each further one.
    static let cancelEffectMilliseconds = 20
    /// The pause before a request to cancel is sent again because the server had no room in its queue.
    static let cancelRetryMicroseconds: UInt32 = 5_000
    /// The longest wait of `close` for threads that cancel, or that look a host name up.
    static let closeMilliseconds = 2_000
}
