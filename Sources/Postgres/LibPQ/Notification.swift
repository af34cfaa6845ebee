/// A notification that another session sent with NOTIFY.
package struct Notification: Sendable, Equatable {
    package var payload: [UInt8]
    /// Process identifier of the backend that sent it.
    package var sender: Int32

    package init(payload: [UInt8], sender: Int32) {
        self.payload = payload
        self.sender = sender
    }
}
