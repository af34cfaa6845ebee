import CLinux

/// What a server requires from a client that cancels a session's query: the process identifier and the secret of the session.
struct BackendKey: Equatable {
    var process: Int32
    var secret: [UInt8]

    /// Finds the key in libpq's trace of the messages of a connect. Its line reads `B⇥12⇥BackendKeyData⇥ 4711 -14702537`.
    ///
    /// libpq 18 and later quote the secret with escapes instead: `'4\x0f$a'`.
    ///
    /// The last key counts. Why: of several hosts, one that does not fit `target_session_attrs` has sent its key before libpq leaves it.
    init?(handshakeTrace: UnsafeRawBufferPointer) {
        for line in handshakeTrace.split(separator: UInt8(ascii: "\n")).reversed() {
            let fields = line.split(separator: UInt8(ascii: "\t"))
            guard fields.count >= 4, fields[0].elementsEqual("B".utf8), fields[2].elementsEqual("BackendKeyData".utf8) else { continue }
            let words = fields[3].split(separator: UInt8(ascii: " "), maxSplits: 1)
            guard words.count == 2, let process = Int32(String(decoding: words[0], as: UTF8.self)),
                let secret = BackendKey.secret(words[1])
            else { return nil }
            self.init(process: process, secret: secret)
            return
        }
        return nil
    }

    init(process: Int32, secret: [UInt8]) {
        self.process = process
        self.secret = secret
    }

    private static func secret(_ text: Slice<UnsafeRawBufferPointer>) -> [UInt8]? {
        if let number = Int32(String(decoding: text, as: UTF8.self)) { return withUnsafeBytes(of: number.bigEndian) { Array($0) } }
        guard text.count >= 2, text.first == UInt8(ascii: "'"), text.last == UInt8(ascii: "'") else { return nil }
        var bytes: [UInt8] = []
        var rest = text.dropFirst().dropLast()
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\\"), rest.first == UInt8(ascii: "x"),
                let value = UInt8(String(decoding: rest.dropFirst().prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        // Why: protocol 3.0 is the one in use, and its secret has four bytes. Another length means that the line was misread.
        return bytes.count == 4 ? bytes : nil
    }

    /// The bytes of the CancelRequest message.
    var request: [UInt8] {
        var message: [UInt8] = []
        for number in [Int32(truncatingIfNeeded: 12 + secret.count), 80_877_102, process] {
            withUnsafeBytes(of: number.bigEndian) { message += $0 }
        }
        return message + secret
    }
}

/// Holds libpq's trace of the messages of a connect, to find the backend's key in it. libpq has no function that returns the key.
///
/// The trace may contain what was sent for the login, so the memory is wiped at the end.
struct HandshakeTrace: ~Copyable {
    let memory: UnsafeMutablePointer<CChar>
    private static let size = 16 << 10

    init() {
        memory = .allocate(capacity: HandshakeTrace.size)
        memory.initialize(repeating: 0, count: HandshakeTrace.size)
    }

    deinit {
        explicit_bzero(memory, HandshakeTrace.size)
        memory.deallocate()
    }

    var room: Int { HandshakeTrace.size }

    var key: BackendKey? { BackendKey(handshakeTrace: UnsafeRawBufferPointer(start: memory, count: strnlen(memory, HandshakeTrace.size))) }
}
