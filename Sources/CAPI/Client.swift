import CAccelerant
import Concurrency
import Engine

// The opaque handles of C: `accelerant_client *` is a `ClientHandle`, `accelerant_reply *` a `Reply`.

@_cdecl("accelerant_open") @implementation
public func accelerant_open(
    _ config: UnsafePointer<CChar>!, _ size: Int, _ outClient: UnsafeMutablePointer<OpaquePointer?>!,
    _ outReply: UnsafeMutablePointer<OpaquePointer?>!
) -> Int32 {
    outReply?.pointee = nil
    guard let outClient else { return ACCELERANT_MISUSE }
    outClient.pointee = nil
    guard let config, size > 0 else { return ACCELERANT_MISUSE }
    ForkGate.enter()
    defer { ForkGate.leave() }
    switch Client.open(UnsafeRawBufferPointer(start: config, count: size)) {
    case .success(let client):
        outClient.pointee = client.pointer
        return ACCELERANT_OK
    case .failure(let failure):
        return give(Reply.failed(failure), outReply)
    }
}

@_cdecl("accelerant_close") @implementation
public func accelerant_close(_ client: OpaquePointer!) {
    ForkGate.enter()
    defer { ForkGate.leave() }
    if let client { ClientHandle(client).close() }
}

@_cdecl("accelerant_query") @implementation
public func accelerant_query(
    _ client: OpaquePointer!, _ request: UnsafePointer<CChar>!, _ size: Int,
    _ outReply: UnsafeMutablePointer<OpaquePointer?>!
) -> Int32 {
    outReply?.pointee = nil
    guard let client, let request, size > 0 else { return ACCELERANT_MISUSE }
    return give(ClientHandle(client).query(UnsafeRawBufferPointer(start: request, count: size)), outReply)
}

/// Gives a reply to the caller, or frees it when the caller wants none. Returns its status.
@inline(__always)
func give(_ reply: Reply, _ outReply: UnsafeMutablePointer<OpaquePointer?>?) -> Int32 {
    let status = reply.status
    if let outReply { outReply.pointee = reply.handle } else { reply.free() }
    return status
}
