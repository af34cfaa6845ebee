import Foundation
import Testing

/// Thousands of simulated lives of a client whose callers share connections, each from a seed: no caller waits beyond his time or gets two ends, nobody is overtaken, no
/// answer is older than an invalidation that had returned, no limit is passed.
///
/// Run with ACCELERANT_SIMULATION=1000000 for a million events.
@Suite struct SimulationTests {
    private static var events: Int { ProcessInfo.processInfo.environment["ACCELERANT_SIMULATION"].flatMap { Int($0) } ?? 60_000 }

    @Test(arguments: 0..<4)
    func `pool, connections, flights and cache keep their promises`(part: Int) throws {
        var events = 0, answers = 0, failures = 0, shared = 0, moved = 0
        var seed = UInt64(part) << 32
        while events < Self.events / 4 {
            seed += 1
            var world = SimulatedWorld(seed: seed, callers: 100)
            do { try world.run() } catch {
                Issue.record("seed \(seed): \(error)")
                return
            }
            events += world.events
            answers += world.answers
            failures += world.failures
            shared += world.shared
            moved += world.moved
        }
        #expect(answers > failures, "a world where most fails shows little: \(answers) answers, \(failures) failures")
        #expect(failures > 0)
        #expect(shared > answers / 100 && moved > shared / 50, "\(shared) shared a connection, \(moved) of them were sent again")
    }

    @Test func `the same seed lives the same life`() throws {
        var lives = [SimulatedWorld(seed: 7, callers: 300), SimulatedWorld(seed: 7, callers: 300)]
        for index in lives.indices { try lives[index].run() }
        #expect(lives[0].events == lives[1].events && lives[0].answers == lives[1].answers)
    }
}
