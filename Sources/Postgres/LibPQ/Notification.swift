/// What another session said by NOTIFY.
package struct Notification: Sendable, Equatable {
    package var payload: [UInt8]
    /// The process of the server that served that session.
    package var sender: Int32

    package init(payload: [UInt8], sender: Int32) {
        self.payload = payload
        self.sender = sender
    }
}
