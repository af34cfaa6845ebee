import CAccelerant

@_cdecl("accelerant_version") @implementation
public func accelerant_version() -> UInt32 { UInt32(ACCELERANT_VERSION) }
