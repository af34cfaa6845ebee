import CAccelerant
import Engine
import Text

@_cdecl("accelerant_version") @implementation
public func accelerant_version() -> UInt32 { UInt32(ACCELERANT_VERSION) }

@_cdecl("accelerant_status_name") @implementation
public func accelerant_status_name(_ status: Int32) -> UnsafePointer<CChar>! {
    let name: StaticString =
        switch status {
        case ACCELERANT_OK: "OK"
        case ACCELERANT_MISUSE: "MISUSE"
        case ACCELERANT_INVALID_REQUEST: "INVALID_REQUEST"
        case ACCELERANT_INVALID_CONFIGURATION: "INVALID_CONFIGURATION"
        case ACCELERANT_NOT_FOUND: "NOT_FOUND"
        case ACCELERANT_CONSTRAINT: "CONSTRAINT"
        case ACCELERANT_CONFLICT: "CONFLICT"
        case ACCELERANT_UNAVAILABLE: "UNAVAILABLE"
        case ACCELERANT_OUTCOME_UNKNOWN: "OUTCOME_UNKNOWN"
        case ACCELERANT_TIMEOUT: "TIMEOUT"
        case ACCELERANT_CANCELLED: "CANCELLED"
        case ACCELERANT_OVERLOADED: "OVERLOADED"
        case ACCELERANT_TOO_LARGE: "TOO_LARGE"
        case ACCELERANT_DENIED: "DENIED"
        case ACCELERANT_CLOSED: "CLOSED"
        case ACCELERANT_FORKED: "FORKED"
        case ACCELERANT_DATABASE: "DATABASE"
        case ACCELERANT_INTERNAL: "INTERNAL"
        default: "UNKNOWN"
        }
    return UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
}

/// Returns the status of a failure; OK for nil.
func status(_ failure: Failure?) -> Int32 { failure?.status.rawValue ?? ACCELERANT_OK }
