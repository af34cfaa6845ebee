import Cache
import Text
import Writes

/// A plan with the values of one request: everything that is needed to run and to recognise it.
struct BoundPlan: ~Copyable {
    let plan: PreparedPlan
    let parameters: ParameterList

    init(_ plan: PreparedPlan, _ parameters: consuming ParameterList) {
        self.plan = plan
        self.parameters = parameters
    }

    /// Calls `body` with the request's key: the plan's number and the values. Equal keys mean equivalent requests.
    /// - Parameter salt: separates equivalent requests in different contexts.
    borrowing func withKey<Result>(
        salt: [UInt8] = [], _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let values = parameters.bytes
        var key = ByteBuffer(capacity: values.count + 9)
        withUnsafeBytes(of: plan.number) { key.append($0) }
        key.append(values)
        if !salt.isEmpty { key.append(salt) }
        return try body(key.bytes)
    }

    /// Identifies the operation in any process: the first 128 bits of SHA-256 over the canonical request and the values.
    var signature: Cache.Signature {
        var hash = plan.signature
        hash.update(parameters.bytes)
        return Cache.Signature(hash)
    }
}

/// A write with the values of one request.
struct BoundWrite: ~Copyable {
    let write: PreparedWrite
    let parameters: ParameterList

    init(_ write: PreparedWrite, _ parameters: consuming ParameterList) {
        self.write = write
        self.parameters = parameters
    }
}
