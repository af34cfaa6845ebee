import Concurrency

@testable import Tier

// Snapshots: what a process writes down, and what it takes from that when it starts again.

extension SimulatedFleet {
    mutating func beginSnapshot(_ number: Int) {
        guard processes[number].isListening else { return }
        let session = processes[number].session
        guard let versions = try? session.readVersions(of: (0..<SimulatedFleet.keys).map(tag), until: .never) else { return }
        processes[number].versions = (session.epoch, versions)
    }

    /// Later: everything else may have happened meanwhile.
    mutating func finishSnapshot(_ number: Int) {
        guard let (epoch, versions) = processes[number].versions else { return }
        // What it has begun to invalidate has its effect in its own cache first.
        guard processes[number].halfDone.isEmpty || mistake == .snapshotWithinOwnChange else { return }
        processes[number].versions = nil
        // A connection that was lost meanwhile gives no echo, nor does another server.
        guard processes[number].isListening, processes[number].session.epoch == epoch else { return }
        if mistake != .snapshotWithoutEcho { while !processes[number].inbox.isEmpty { hear(number) } }
        let process = processes[number]
        var values: [Int: Int] = [:]
        for (key, kept) in process.cache where !isFenced(process, key, since: kept.version) { values[key] = kept.value }
        processes[number].snapshot = Snapshot(epoch: epoch, versions: versions, values: values)
    }

    /// The process ends at once, and another one takes its place and its file.
    mutating func restart(_ number: Int) {
        let snapshot = processes[number].snapshot
        var fresh = Process(session: MemorySession(server))
        fresh.snapshot = snapshot
        // What it hears from now on, and no hit of its own shows less; what it takes from the file is judged below.
        processes[number] = fresh
        guard let snapshot, snapshot.epoch == fresh.session.epoch || mistake == .snapshotOfAnyEpoch,
            let versions = try? fresh.session.readVersions(of: (0..<SimulatedFleet.keys).map(tag), until: .never)
        else { return }
        for (key, value) in snapshot.values {
            func isSame(_ place: Int) -> Bool { versions[place] != nil && versions[place] == snapshot.versions[place] }
            guard mistake == .snapshotWithoutVersions || isSame(0) && isSame(key + 1) else { continue }
            answersOfSnapshots += 1
            if value < acknowledged[key] { failure = "a snapshot gave an answer from before an acknowledged invalidation" }
            processes[number].cache[key] = (value, fresh.version)
        }
    }
}
