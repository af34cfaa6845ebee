import CLinux
import CTier
import Concurrency

/// A library that is loaded when a tier is configured: `libaccelerant-redis.so`. It stays loaded for the life of the process.
package struct EngineLibrary: @unchecked Sendable {  // Why unchecked: what it points to is constant.
    let engine: UnsafePointer<tier_engine>

    /// Why it cannot be used, in words.
    package struct Missing: Error { package let reason: String }

    /// Searches beside this library, then where the system searches.
    package init(_ name: String = "libaccelerant-redis.so") throws(Missing) {
        var reason = "it was not found"
        for path in EngineLibrary.places(of: name) {
            guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
                if path.contains("/"), access(path, F_OK) == 0, let words = dlerror() { reason = String(cString: words) }
                continue
            }
            guard let symbol = dlsym(handle, TIER_ENGINE_SYMBOL) else { throw Missing(reason: "it is another library") }
            let function = unsafeBitCast(symbol, to: tier_engine_function.self)
            guard let engine = function() else { throw Missing(reason: "it gives no engine") }
            guard engine.pointee.version == UInt32(TIER_ENGINE_VERSION) else { throw Missing(reason: "it belongs to another version of Accelerant") }
            self.engine = engine
            return
        }
        throw Missing(reason: reason)
    }

    private static func places(of name: String) -> [String] {
        var places: [String] = []
        if let file = linux_own_path() {
            let own = String(cString: file)
            if let slash = own.lastIndex(of: "/") {
                places = [String(own[...slash]) + name, String(own[...slash]) + name + ".1"]
            }
        }
        return places + [name + ".1", name]
    }

    /// Why it cannot encrypt; nil if it can.
    package var encryptionRefusal: String? { engine.pointee.encryption_refusal().map { String(cString: $0) } }
}

/// A connection of the engine. It can only be closed after a fault.
final class EngineConnection: @unchecked Sendable {  // Why unchecked: one thread at a time uses it.
    private let engine: UnsafePointer<tier_engine>
    private var handle: UnsafeMutableRawPointer?

    init(_ library: EngineLibrary, _ address: RedisAddress, host: RedisAddress.Host?, replyLimit: Int, until deadline: Deadline) throws(TierFault) {
        engine = library.engine
        var reason = [CChar](repeating: 0, count: 256)
        var isMistake: Int32 = 0
        var place = tier_address()
        place.port = host?.port ?? 0
        place.is_encrypted = address.isEncrypted ? 1 : 0
        let engine = engine
        handle = EngineConnection.withText(host?.name) { name in
            EngineConnection.withText(host == nil ? address.socket ?? "" : nil) { path in
                EngineConnection.withText(address.rootCertificate) { root in
                    EngineConnection.withText(address.certificate) { certificate in
                        EngineConnection.withText(address.privateKey) { key in
                            (place.host, place.path, place.root_certificate, place.certificate, place.private_key) = (name, path, root, certificate, key)
                            return ForkGate.outside { engine.pointee.connect(&place, replyLimit, deadline.nanoseconds, &reason, 256, &isMistake) }
                        }
                    }
                }
            }
        }
        if handle == nil {
            let words = String(decoding: reason.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            throw isMistake != 0 ? .refused(words) : .failed("the connection failed: \(words)")
        }
    }

    private static func withText(_ text: String?, _ body: (UnsafePointer<CChar>?) -> UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        guard let text else { return body(nil) }
        return text.withCString(body)
    }

    deinit { close() }

    func close() {
        if let handle { engine.pointee.close(handle) }
        handle = nil
    }

    /// Makes another thread's wait end with a fault. Must not run at the same time as `close`.
    func interrupt() { if let handle { engine.pointee.interrupt(handle) } }

    /// Adds a command to those that the next `receive` sends.
    func add(_ arguments: [[UInt8]]) throws(TierFault) {
        guard let handle else { throw .failed("the connection is closed") }
        var all: [UInt8] = []
        all.reserveCapacity(arguments.reduce(0) { $0 + $1.count })
        for argument in arguments { all += argument }
        let status = all.withUnsafeBytes { bytes in
            var place = 0
            var texts: [tier_text] = []
            for argument in arguments {
                texts.append(tier_text(bytes: bytes.baseAddress.map { ($0 + place).assumingMemoryBound(to: CChar.self) }, size: argument.count))
                place += argument.count
            }
            return engine.pointee.add(handle, texts, texts.count)
        }
        if status != Int32(TIER_OK) { throw .failed("there is no memory") }
    }

    func add(_ words: String...) throws(TierFault) { try add(words.map { Array($0.utf8) }) }

    /// Returns the next reply, which is valid until the next call.
    func receive(until deadline: Deadline) throws(TierFault) -> RedisReply {
        guard let handle else { throw .failed("the connection is closed") }
        var values: UnsafePointer<tier_value>?
        var count = 0
        let status = ForkGate.outside { engine.pointee.receive(handle, deadline.nanoseconds, &values, &count) }
        switch status {
        case Int32(TIER_OK): return RedisReply(values: UnsafeBufferPointer(start: values, count: count))
        case Int32(TIER_TIMED_OUT): throw .timedOut
        case Int32(TIER_TOO_LARGE): throw .failed("a reply is too large")
        default: throw trouble(of: handle)
        }
    }

    /// Why `receive` failed, as far as the engine knows.
    private func trouble(of handle: UnsafeMutableRawPointer) -> TierFault {
        var isMistake: Int32 = 0
        guard let words = engine.pointee.trouble(handle, &isMistake) else { return .failed("the connection was closed") }
        return isMistake != 0 ? .refused(String(cString: words)) : .failed(String(cString: words))
    }
}

/// A reply: a value, and for a list its members after it.
struct RedisReply {
    let values: UnsafeBufferPointer<tier_value>

    private static func bytes(_ value: tier_value) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: value.bytes, count: value.bytes == nil ? 0 : value.size)
    }

    /// The server's error text; nil if it is no error.
    var refusal: String? {
        guard let first = values.first, first.kind == Int32(TIER_ERROR) else { return nil }
        return String(decoding: RedisReply.bytes(first), as: UTF8.self)
    }

    var text: UnsafeRawBufferPointer? {
        guard let first = values.first, first.kind == Int32(TIER_TEXT) else { return nil }
        return RedisReply.bytes(first)
    }

    var number: Int64? {
        guard let first = values.first, first.kind == Int32(TIER_NUMBER) else { return nil }
        return first.number
    }

    /// The members of a list without inner lists.
    var members: [Member]? {
        guard let first = values.first, first.kind == Int32(TIER_LIST), values.count == first.count + 1 else { return nil }
        return values.dropFirst().map { value in
            switch value.kind {
            case Int32(TIER_NUMBER): .number(value.number)
            case Int32(TIER_TEXT): .text(RedisReply.bytes(value))
            case Int32(TIER_ERROR): .refusal(String(decoding: RedisReply.bytes(value), as: UTF8.self))
            default: .nothing
            }
        }
    }

    enum Member {
        case nothing
        case number(Int64)
        case text(UnsafeRawBufferPointer)
        case refusal(String)

        var text: UnsafeRawBufferPointer? { if case .text(let bytes) = self { bytes } else { nil } }
    }
}
