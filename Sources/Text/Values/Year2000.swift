/// 2000-01-01T00:00:00Z, from which PostgreSQL counts, in units since 1970.
public enum Year2000 {
    // Why public: see ByteBuffer.
    @inlinable public static var seconds: Int64 { 946_684_800 }
    @inlinable public static var milliseconds: Int64 { 946_684_800_000 }
    @inlinable public static var microseconds: Int64 { 946_684_800_000_000 }
}
