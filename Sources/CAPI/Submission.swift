import CAccelerant
import Concurrency
import Engine

@_cdecl("accelerant_request") @implementation
public func accelerant_request(
    _ client: OpaquePointer!, _ request: UnsafePointer<CChar>!, _ size: Int, _ token: UInt64,
    _ outReply: UnsafeMutablePointer<OpaquePointer?>!
) -> Int32 {
    outReply?.pointee = nil
    guard let client, let request, size > 0, let outReply else { return ACCELERANT_MISUSE }
    let text = UnsafeRawBufferPointer(start: request, count: size)
    guard let reply = ClientHandle(client).request(text, token: token) else { return ACCELERANT_OK }
    return give(reply, outReply)
}

@_cdecl("accelerant_lookup") @implementation
public func accelerant_lookup(
    _ client: OpaquePointer!, _ request: UnsafePointer<CChar>!, _ size: Int, _ outReply: UnsafeMutablePointer<OpaquePointer?>!
) -> Int32 {
    outReply?.pointee = nil
    guard let client, let request, size > 0, let outReply else { return ACCELERANT_MISUSE }
    guard let reply = ClientHandle(client).lookup(UnsafeRawBufferPointer(start: request, count: size)) else { return ACCELERANT_OK }
    return give(reply, outReply)
}

@_cdecl("accelerant_submit") @implementation
public func accelerant_submit(
    _ client: OpaquePointer!, _ request: UnsafePointer<CChar>!, _ size: Int, _ token: UInt64
) -> Int32 {
    guard let client, let request, size > 0 else { return ACCELERANT_MISUSE }
    ForkGate.enter()
    defer { ForkGate.leave() }
    return status(ClientHandle(client).submit(UnsafeRawBufferPointer(start: request, count: size), token: token))
}

@_cdecl("accelerant_descriptor") @implementation
public func accelerant_descriptor(_ client: OpaquePointer!) -> Int32 {
    ForkGate.enter()
    defer { ForkGate.leave() }
    return client.flatMap { ClientHandle($0).descriptor } ?? -1
}

@_cdecl("accelerant_take") @implementation
public func accelerant_take(
    _ client: OpaquePointer!, _ outToken: UnsafeMutablePointer<UInt64>!, _ outReply: UnsafeMutablePointer<OpaquePointer?>!
) -> Int32 {
    outToken?.pointee = 0
    outReply?.pointee = nil
    guard let client, let outReply else { return ACCELERANT_MISUSE }
    ForkGate.enter()
    defer { ForkGate.leave() }
    do {
        guard let (token, reply) = try ClientHandle(client).take() else { return ACCELERANT_OK }
        outToken?.pointee = token
        outReply.pointee = reply.handle
        return ACCELERANT_OK
    } catch {
        return status(error)
    }
}

@_cdecl("accelerant_cancel") @implementation
public func accelerant_cancel(_ client: OpaquePointer!, _ token: UInt64) -> Int32 {
    guard let client else { return ACCELERANT_MISUSE }
    ForkGate.enter()
    defer { ForkGate.leave() }
    do {
        return try ClientHandle(client).cancel(token) ? ACCELERANT_OK : ACCELERANT_NOT_FOUND
    } catch {
        return status(error)
    }
}
