import CLinux
import Cache
import Concurrency
import Postgres
import Query
import Synchronization
import Telemetry
import Text
import Tier

extension SnapshotKeeper {
    /// Whether there is a file. What was taken of it before a fault stays.
    func restore() throws(SnapshotFault) -> Bool {
        guard let reader = try SnapshotReader(settings.path, sealer) else { return false }
        // Why first: no answer may seem younger than it is.
        let now = clock.now
        guard reader.header.scope == scope else { throw SnapshotFault("it was made for another database, schema, user or configuration") }
        // Why before: a write that follows has to drop what is restored.
        automaticInvalidation.turnOn(cache)
        let number = cache.invalidationNumber
        try confirm(SessionIdentity(number: reader.header.identity))
        hasAssumed.store(!pool.identities.isConfirmed, ordering: .relaxed)
        var elapsed = clock.isManual ? 0 : reader.header.stamp.elapsed(until: .now())
        var valid: Set<UInt64>?
        if let tier, settings.trust == .tier {
            let (tags, seconds) = try validTags(reader, tier)
            valid = tags
            elapsed = clock.isManual ? 0 : seconds
        } else {
            try reader.readTags { _ in }
        }
        guard let elapsed else { throw SnapshotFault("the clock has been set back since it was written") }
        let isOfThisCatalog = automaticInvalidation.assume(catalog: reader.header.catalog)
        try restore(reader, elapsed: elapsed, number: number, now: now) { tag in
            (valid?.contains(tag.number) ?? true) && (isOfThisCatalog || tag != AutomaticTag.everything)
        }
        return true
    }

    /// The tags that have not been invalidated since, and the nanoseconds that have passed by the tier's clock.
    private func validTags(_ reader: SnapshotReader, _ tier: SecondTier) throws(SnapshotFault) -> (Set<UInt64>, elapsed: UInt64?) {
        var known: [SnapshotTag] = []
        try reader.readTags { known.append($0) }
        guard let everything = known.first, everything.number == 0 else { throw SnapshotFault("it has no versions") }
        known.removeFirst()
        guard let versions = tier.readVersions(of: known.map(\.number), until: .after(milliseconds: Limits.restoredVersionsMilliseconds)) else {
            throw SnapshotFault("the tier did not tell what its tags are now")
        }
        let stamp = reader.header.stamp
        guard versions.epoch.number == stamp.epoch else { throw SnapshotFault("the tier's server has been another one since, or was started again") }
        guard versions.everything == everything.version else { throw SnapshotFault("everything has been invalidated since it was written") }
        var valid: Set<UInt64> = []
        for tag in known { if let version = versions.tags[tag.number], version == tag.version { valid.insert(tag.number) } }
        let now = UInt64(clamping: versions.microseconds)
        return (valid, now >= stamp.tier ? (now - stamp.tier) &* 1000 : 0)
    }

    private func restore(
        _ reader: SnapshotReader, elapsed: UInt64, number: UInt64, now: UInt64, where isValid: (Cache.Tag) -> Bool
    ) throws(SnapshotFault) {
        var numbers: [UInt64: UInt64?] = [:]
        var key: [UInt8] = []
        while true {
            let isMore = try reader.readEntries { entry in
                var areValid = true
                entry.forEachTag { if !isValid($0) { areValid = false } }
                guard areValid, entry.key.count >= 8, entry.answer.count <= answerBytes else { return }
                let old = entry.key.loadUnaligned(as: UInt64.self)
                if numbers[old] == nil {
                    // Why not for good: another answer of the plan may have its text.
                    if entry.text.isEmpty { return }
                    numbers[old] = .some(planNumber(of: entry))
                }
                guard let plan = numbers[old] ?? nil else { return }
                key.removeAll(keepingCapacity: true)
                withUnsafeBytes(of: plan) { key += $0 }
                key += entry.key.dropFirst(8)
                if key.withUnsafeBytes({ cache.restore(entry, key: $0, elapsed: elapsed, number: number, now: now) }) { restored.add() }
            }
            if !isMore { return }
        }
    }

    /// What the plan of an answer is called in this process. Nil where its text asks for something else here.
    private func planNumber(of entry: SnapshotEntry) -> UInt64? {
        do throws(Failure) {
            let document = try JSONDocument(scanning: entry.text)
            var envelope = try Envelope.decode(document)
            if envelope.isPrecise == nil { envelope.isPrecise = isPrecise }
            guard case .read = envelope.operation, envelope.transaction == nil else { return nil }
            let bound = try plans.bind(envelope, document)
            guard bound.signature == entry.signature, entry.key.dropFirst(8).starts(with: bound.parameters.bytes) else { return nil }
            return bound.plan.number
        } catch {
            return nil
        }
    }
}
