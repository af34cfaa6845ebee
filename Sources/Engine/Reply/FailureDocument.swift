package import Text

extension Failure {
    /// Writes the error document: `{"code", "message", "meta"}`.
    package func write(into buffer: inout ByteBuffer) {
        buffer.append(UInt8(ascii: "{"))
        writeMembers(into: &buffer)
        buffer.append(UInt8(ascii: "}"))
    }

    /// Writes the members without the outermost braces.
    func writeMembers(into buffer: inout ByteBuffer) {
        buffer.append("\"code\":")
        buffer.append(jsonString: code)
        buffer.append(",\"message\":")
        buffer.append(jsonString: message)
        buffer.append(",\"meta\":{")
        var facts = meta
        if let sqlState { facts.append(("sqlState", .text(sqlState))) }
        if isRetryable { facts.append(("retryable", .truth(true))) }
        buffer.append(list: facts) { buffer, fact in
            buffer.append(jsonString: fact.key)
            buffer.append(UInt8(ascii: ":"))
            fact.value.write(into: &buffer)
        }
        buffer.append(UInt8(ascii: "}"))
    }
}

extension Failure.Fact {
    fileprivate func write(into buffer: inout ByteBuffer) {
        switch self {
        case .text(let text): buffer.append(jsonString: text)
        case .number(let number): buffer.append(decimal: number)
        case .truth(let truth): buffer.append(truth ? "true" : "false")
        case .texts(let texts): buffer.append(jsonStrings: texts)
        }
    }
}
