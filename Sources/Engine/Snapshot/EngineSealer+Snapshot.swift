import Cache
import Tier

// The key of the tier seals snapshots as well. Why that is safe: what a seal covers begins otherwise in a tier, so neither is of use as the other.

extension EngineSealer: SnapshotSealing {
    package var overheadBytes: Int { EngineSealer.sealBytes }
}
