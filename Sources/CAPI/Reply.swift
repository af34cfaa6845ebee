import CAccelerant
import Engine

@_cdecl("accelerant_reply_status") @implementation
public func accelerant_reply_status(_ reply: OpaquePointer!) -> Int32 {
    reply.map { Reply(handle: $0).status } ?? ACCELERANT_MISUSE
}

@_cdecl("accelerant_reply_cache_status") @implementation
public func accelerant_reply_cache_status(_ reply: OpaquePointer!) -> Int32 {
    reply.flatMap { Reply(handle: $0).statusOfCache } ?? -1
}

@_cdecl("accelerant_reply_data") @implementation
public func accelerant_reply_data(_ reply: OpaquePointer!, _ outSize: UnsafeMutablePointer<Int>!) -> UnsafePointer<CChar>! {
    give(reply.flatMap { Reply(handle: $0).data }, outSize)
}

@_cdecl("accelerant_reply_info") @implementation
public func accelerant_reply_info(_ reply: OpaquePointer!, _ outSize: UnsafeMutablePointer<Int>!) -> UnsafePointer<CChar>! {
    give(reply.flatMap { Reply(handle: $0).info }, outSize)
}

@_cdecl("accelerant_reply_error") @implementation
public func accelerant_reply_error(_ reply: OpaquePointer!, _ outSize: UnsafeMutablePointer<Int>!) -> UnsafePointer<CChar>! {
    give(reply.flatMap { Reply(handle: $0).error }, outSize)
}

@_cdecl("accelerant_reply_free") @implementation
public func accelerant_reply_free(_ reply: OpaquePointer!) {
    if let reply { Reply(handle: reply).free() }
}

/// Returns a text as C takes it: NULL and size 0 when there is none.
private func give(_ text: UnsafeRawBufferPointer?, _ outSize: UnsafeMutablePointer<Int>?) -> UnsafePointer<CChar>? {
    outSize?.pointee = text?.count ?? 0
    return text?.baseAddress?.assumingMemoryBound(to: CChar.self)
}
