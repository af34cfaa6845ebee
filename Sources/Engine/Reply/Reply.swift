import CLinux
public import Cache
package import Text

/// One answer as a C program holds it. It is stored in the payload of the pin that protects its data, so a cache hit allocates nothing.
///
/// Trivial: a handle is the address of the pin. It belongs to one thread at a time and is freed once.
public struct Reply {
    package enum CacheStatus: UInt8, Sendable {
        /// There is no info: an error, or an operation that reads no model.
        case notApplicable
        case none, miss, ttl, swr
        /// An old answer that is given instead of an error.
        case staleIfError
    }

    /// A malloc'd, NUL-terminated text that the reply owns.
    private struct OwnedText {
        var start: UnsafeMutablePointer<UInt8>?
        var count = 0
    }

    private struct Content {
        /// The number of replies that have lived in this cell. It survives `free`. With the cell's address it makes request ids unique.
        var uses: UInt64
        var status: Int32
        var cacheStatus: CacheStatus
        /// The interned name of the region, which outlives the client.
        var region: UnsafePointer<CChar>?
        /// The error, or an answer that no pin holds.
        var text: OwnedText
        var info: OwnedText
    }

    @usableFromInline let pin: Pin

    private var content: UnsafeMutablePointer<Content> { pin.payload.assumingMemoryBound(to: Content.self) }

    // MARK: Making

    @inline(__always)
    private init(pin: Pin, status: Int32, cacheStatus: CacheStatus, region: UnsafePointer<CChar>?) {
        self.pin = pin
        // Why not assigned as a whole: `uses` continues from the last reply in this cell. A new cell is all zeros.
        content.pointee.uses &+= 1
        content.pointee.status = status
        content.pointee.cacheStatus = cacheStatus
        content.pointee.region = region
        content.pointee.text.start = nil
        content.pointee.info.start = nil
    }

    /// Makes the reply for an answer whose bytes are the cache's own.
    @inline(__always)
    package static func cached(_ pin: Pin, _ status: CacheStatus, region: UnsafePointer<CChar>?) -> Reply {
        Reply(pin: pin, status: 0, cacheStatus: status, region: region)
    }

    static func uncached(_ answer: UncachedAnswer, region: UnsafePointer<CChar>?) -> Reply {
        let reply = Reply(pin: Pin.empty(), status: 0, cacheStatus: .none, region: region)
        reply.content.pointee.text = OwnedText(start: answer.start, count: answer.count)
        return reply
    }

    /// Makes the reply of an operation that reads no model. Takes the buffer's block.
    package static func plain(_ answer: consuming ByteBuffer) -> Reply {
        let reply = Reply(pin: Pin.empty(), status: 0, cacheStatus: .notApplicable, region: nil)
        let text = answer.take()
        reply.content.pointee.text = OwnedText(start: text.start, count: text.count)
        return reply
    }

    package static func failed(_ failure: Failure) -> Reply {
        let reply = Reply(pin: Pin.empty(), status: failure.status.rawValue, cacheStatus: .notApplicable, region: nil)
        var buffer = ByteBuffer()
        failure.write(into: &buffer)
        let text = buffer.take()
        reply.content.pointee.text = OwnedText(start: text.start, count: text.count)
        return reply
    }

    /// Makes the reply for an error whose document is a constant.
    static func preformatted(status: Int32, _ document: StaticString) -> Reply {
        let reply = Reply(pin: Pin.empty(), status: status, cacheStatus: .notApplicable, region: nil)
        let count = document.utf8CodeUnitCount
        guard let block = malloc(count + 1) else { return reply }
        memcpy(block, document.utf8Start, count)
        block.storeBytes(of: 0, toByteOffset: count, as: UInt8.self)
        reply.content.pointee.text = OwnedText(start: block.assumingMemoryBound(to: UInt8.self), count: count)
        return reply
    }

    // MARK: Handles

    @inlinable @inline(__always)
    public var handle: OpaquePointer { OpaquePointer(pin.address) }

    /// The reply of a handle that `handle` gave.
    @inlinable @inline(__always)
    public init(handle: OpaquePointer) { pin = Pin(at: UnsafeMutableRawPointer(handle)) }

    /// Frees the reply and its texts, and releases the data.
    @inline(__always)
    package func free() {
        if let start = content.pointee.text.start { BufferPool.free(start, answerSize: content.pointee.text.count) }
        if let start = content.pointee.info.start { CLinux.free(start) }
        pin.release()
    }

    // MARK: Reading

    package var status: Int32 { content.pointee.status }

    package var data: UnsafeRawBufferPointer? {
        // Why it is not asked first whether it holds one: that would be another call.
        let answer = pin.data
        if answer.baseAddress != nil { return answer }
        return status == 0 ? text : nil
    }

    package var error: UnsafeRawBufferPointer? { status == 0 ? nil : text }

    private var text: UnsafeRawBufferPointer? {
        content.pointee.text.start.map { UnsafeRawBufferPointer(start: $0, count: content.pointee.text.count) }
    }

    /// Returns `cacheStatus` as the header's number. Nil if there is no `info`.
    package var statusOfCache: Int32? {
        switch content.pointee.cacheStatus {
        case .notApplicable: nil
        case .none: 0
        case .ttl: 1
        case .swr, .staleIfError: 2
        case .miss: 3
        }
    }

    /// `AccelerateInfo` as JSON. Nil if there is none. The first call writes it.
    package var info: UnsafeRawBufferPointer? {
        guard content.pointee.cacheStatus != .notApplicable else { return nil }
        if content.pointee.info.start == nil {
            var buffer = ByteBuffer(capacity: 256)
            writeInfo(into: &buffer)
            let text = buffer.take()
            content.pointee.info = OwnedText(start: text.start, count: text.count)
        }
        return content.pointee.info.start.map { UnsafeRawBufferPointer(start: $0, count: content.pointee.info.count) }
    }

    /// When the answer was read, and the signature of its operation.
    private var origin: (lastModified: Int64, signature: Cache.Signature) {
        if pin.holdsAnswer { return (pin.lastModified, pin.signature) }
        guard let start = content.pointee.text.start else { return (0, Cache.Signature(high: 0, low: 0)) }
        let answer = UncachedAnswer(at: start, count: content.pointee.text.count)
        return (answer.lastModified, answer.signature)
    }

    private func append(hex word: UInt64, to buffer: inout ByteBuffer) {
        var shift: UInt64 = 64
        while shift > 0 {
            shift -= 8
            buffer.append(hex: UInt8(truncatingIfNeeded: word >> shift))
        }
    }

    private func writeInfo(into buffer: inout ByteBuffer) {
        let origin = origin
        buffer.append("{\"cacheStatus\":\"")
        switch content.pointee.cacheStatus {
        case .notApplicable, .none: buffer.append("none")
        case .miss: buffer.append("miss")
        case .ttl: buffer.append("ttl")
        case .swr, .staleIfError: buffer.append("swr")
        }
        buffer.append("\",\"lastModified\":")
        buffer.append(timestamp: (origin.lastModified &- Year2000.milliseconds) &* 1000)
        buffer.append(",\"region\":")
        let region = content.pointee.region.map { UnsafeRawBufferPointer(start: $0, count: strlen($0)) }
        buffer.append(jsonString: region ?? UnsafeRawBufferPointer(start: nil, count: 0))
        buffer.append(",\"requestId\":\"")
        buffer.append(RequestID.uuid(cell: UInt64(UInt(bitPattern: pin.address)), use: content.pointee.uses))
        buffer.append("\",\"signature\":\"")
        // Why not a list of the two: a child of fork() may ask for the info, see `ClientHandle.ofNoProcess`.
        append(hex: origin.signature.high, to: &buffer)
        append(hex: origin.signature.low, to: &buffer)
        buffer.append(content.pointee.cacheStatus == .staleIfError ? "\",\"staleIfError\":true}" : "\"}")
    }
}
