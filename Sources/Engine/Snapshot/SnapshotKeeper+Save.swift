import CLinux
import Cache
import Concurrency
import Postgres
import Tier

extension SnapshotKeeper {
    func save(without suspended: Set<Cache.Tag>) throws(SnapshotFault) -> (entries: UInt64, bytes: UInt64) {
        var header = SnapshotHeader(scope: scope)
        // Why before the entries: what others have read is dropped when that is found.
        let identity = try currentIdentity()
        header.identity = identity.identity.number
        // Why before the entries: what relies on another one is dropped when that is found, and not when it is written down.
        header.catalog = automaticInvalidation.snapshot?.digest ?? 0
        guard let tier, settings.trust == .tier else {
            let now = clock.now
            header.stamp = SnapshotStamp.now()
            let writer = try SnapshotWriter(settings.path, header, sealer) { [self] in isTooLate }
            try cache.write(to: writer, now: now, without: suspended)
            try check(identity)
            return try writer.finish()
        }
        return try save(tier, header, identity, without: suspended)
    }

    /// With the versions of all tags.
    ///
    /// The versions are read first. Then what this process had begun to invalidate has its effect. Then all that was published before has come,
    /// because a message of our own that was published later has. So an entry that is valid now was read after each invalidation that its version
    /// includes.
    private func save(
        _ tier: SecondTier, _ header: SnapshotHeader, _ identity: IdentityRecord.Current, without suspended: Set<Cache.Tag>
    ) throws(SnapshotFault) -> (entries: UInt64, bytes: UInt64) {
        var header = header
        let tags = cache.collectTags(now: clock.now).map(\.number).sorted()
        guard let versions = tier.readVersions(of: tags, until: .after(milliseconds: Limits.savedVersionsMilliseconds)) else {
            throw SnapshotFault("the tier did not tell what its tags are now")
        }
        guard tier.awaitOwnChanges(until: .after(milliseconds: Limits.snapshotEchoMilliseconds)) else {
            throw SnapshotFault("an invalidation of this process takes too long")
        }
        guard tier.awaitEcho(until: .after(milliseconds: Limits.snapshotEchoMilliseconds)) else { throw SnapshotFault("the tier's messages do not come") }
        let now = clock.now
        header.stamp = SnapshotStamp.now()
        header.stamp.tier = UInt64(clamping: versions.microseconds)
        header.stamp.epoch = versions.epoch.number
        let writer = try SnapshotWriter(settings.path, header, sealer) { [self] in isTooLate }
        try writer.append(SnapshotTag(number: 0, version: versions.everything))
        for tag in tags { if let version = versions.tags[tag] { try writer.append(SnapshotTag(number: tag, version: version)) } }
        try cache.write(to: writer, now: now, without: suspended) { versions.tags[$0.number] != nil }
        try check(identity)
        return try writer.finish()
    }
}

extension SnapshotStamp {
    static func now() -> SnapshotStamp {
        var boot = timespec()
        clock_gettime(CLOCK_BOOTTIME, &boot)
        return SnapshotStamp(
            wall: UInt64(clamping: Clock.wallMilliseconds), boot: UInt64(clamping: boot.tv_sec) &* 1_000_000_000 &+ UInt64(clamping: boot.tv_nsec),
            machine: thisMachine)
    }

    /// Of this start of this machine; 0 where that is not told.
    private static var thisMachine: UInt64 {
        let descriptor = linux_open_to_read("/proc/sys/kernel/random/boot_id")
        guard descriptor >= 0 else { return 0 }
        defer { close(descriptor) }
        var text = [UInt8](repeating: 0, count: 64)
        let count = read(descriptor, &text, text.count)
        return count > 0 ? text.withUnsafeBytes { Cache.Tag(UnsafeRawBufferPointer(rebasing: $0[..<count])).number } : 0
    }

    /// Nanoseconds from this stamp to another one, by the clock since the machine's start if that is the same, else by the wall clock. Nil where that
    /// has been set back.
    func elapsed(until later: SnapshotStamp) -> UInt64? {
        if machine != 0, machine == later.machine { return later.boot >= boot ? later.boot - boot : nil }
        guard later.wall >= wall else { return nil }
        let (elapsed, isTooLong) = (later.wall - wall).multipliedReportingOverflow(by: 1_000_000)
        return isTooLong ? nil : elapsed
    }
}
