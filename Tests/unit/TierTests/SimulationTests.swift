import Concurrency
import Glibc
import Testing

@testable import Tier

/// The protocol between processes, in many orders. `ACCELERANT_SIMULATION=1000000` plays a million of them.
struct TierSimulationTests {
    static let seeds: UInt64 = getenv("ACCELERANT_SIMULATION").flatMap { UInt64(String(cString: $0)) } ?? 1000

    @Test func `no answer is from before an acknowledged invalidation`() {
        var (answers, restored) = (0, 0)
        for seed in 0..<TierSimulationTests.seeds {
            var fleet = SimulatedFleet(seed: seed)
            fleet.run(steps: 200)
            answers += fleet.answersOfTier
            restored += fleet.answersOfSnapshots
            #expect(fleet.failure == nil, "seed \(seed)")
            if fleet.failure != nil { break }
        }
        // Why: a tier that never answers is never wrong.
        #expect(answers > Int(TierSimulationTests.seeds))
        #expect(restored > Int(TierSimulationTests.seeds) / 50)
    }

    @Test(arguments: SimulatedFleet.Mistake.allCases) func `a protocol with a mistake is found out`(_ mistake: SimulatedFleet.Mistake) {
        let found = (UInt64(0)..<100_000).contains { seed in
            var fleet = SimulatedFleet(seed: seed, mistake: mistake)
            fleet.run(steps: 200)
            return fleet.failure != nil
        }
        #expect(found, "no seed shows \(mistake)")
    }
}
