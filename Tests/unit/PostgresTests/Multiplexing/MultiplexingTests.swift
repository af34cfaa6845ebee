import Concurrency
import Foundation
import Synchronization
import Telemetry
import Testing
import Text

@testable import Postgres

/// Reads of several callers on one connection of a real server.
@Suite struct MultiplexingTests {
    let server: TestServer

    init() throws { server = try TestServer.shared.get() }

    /// A read of one column, with one value.
    private struct Read: Sendable {
        let batch: StatementBatch
        let writer: RowWriter

        init(_ sql: String, _ form: ValueForm = ValueForm(.string)) {
            batch = StatementBatch([Statement(text: sql, slots: [0])])
            let members = [RowShape.Member("a", .column(RowShape.Column(0, form)))]
            writer = RowWriter(RowShape(.list(RowShape.Record(members), result: 0, isReversed: false)))
        }
    }

    private final class World: Sendable {
        let database: TestDatabase
        init(_ database: TestDatabase) { self.database = database }
        deinit { database.pool.close() }

        /// Runs it, so that it is prepared, and has it count as very short, however busy the machine is.
        func warm(_ read: Read, _ value: String) throws {
            _ = try ask(read, value)
            for _ in 0..<300 { read.batch.cost.add(nanoseconds: 10_000) }
        }

        func ask(_ read: Read, _ value: String, milliseconds: Int = 10_000, cancellation: CancellationToken? = nil) throws -> String {
            try database.cancelled(by: cancellation).answer(read.batch, read.writer, values: [value], milliseconds: milliseconds)
        }
    }

    private struct Answer: Sendable {
        var text: String?
        var failure: Failure?
    }

    private func world(_ parameters: String = "", connections: Int = 1, answerBytes: Int = .max) throws -> World {
        var settings = try server.settings("&connection_limit=\(connections)" + parameters)
        settings.answerBytes = answerBytes
        return World(TestDatabase(Pool(settings)))
    }

    /// Asks all at once while all connections are held, and lets them go, one after the other, when all wait: so they go along with the first.
    private func together(_ world: World, _ questions: [@Sendable () throws -> String]) throws -> [Answer] {
        let limit = world.database.pool.settings.connectionLimit
        let held = try (0..<limit).map { _ in try world.database.pool.lease(until: .never, cancellation: nil) }
        let answers = Lock(Array(repeating: Answer(), count: questions.count))
        let threads = questions.indices.map { index in
            Foundation.Thread {
                let question = questions[index]
                var answer = Answer()
                do { answer.text = try question() } catch { answer.failure = error as? Failure }
                answers.withLock { [answer] in $0[index] = answer }
            }
        }
        for thread in threads {
            let before = world.database.pool.usage.waiting
            thread.start()
            // One after the other: so it is known who is first.
            while world.database.pool.usage.waiting == before { usleep(100) }
        }
        for connection in held {
            let (before, start) = (world.database.pool.multiplexed.value, Deadline.now)
            world.database.pool.release(connection)
            usleep(5_000)
            // Who gets it has to gather the others before the next one is free, however busy the machine is.
            while world.database.pool.multiplexed.value == before, Deadline.now < .after(milliseconds: 100, from: start) { usleep(500) }
        }
        for thread in threads { while !thread.isFinished { usleep(500) } }
        return answers.withLock { $0 }
    }

    @Test func `reads that wait go along with the first, and each gets its own answer`() throws {
        let world = try world()
        let reads = [Read("SELECT $1::text AS a"), Read("SELECT $1::text || '' AS a"), Read("SELECT upper($1::text) AS a")]
        for read in reads { try world.warm(read, "x") }
        // The last one alone: the others are prepared on the way.
        world.database.pool.forgetStatements()
        let answers = try together(world, (0..<16).map { number in { try world.ask(reads[number % 3], "N\(number)") } })
        for (number, answer) in answers.enumerated() { #expect(answer.text == #"[{"a":"N\#(number)"}]"#, "\(answer)") }
        #expect(world.database.pool.multiplexed.value == 16)
        #expect(world.database.pool.turnover.opened == 1)
        #expect(try world.ask(reads[0], "later") == #"[{"a":"later"}]"#)
    }

    @Test func `an error ends its own read alone`() throws {
        let world = try world()
        let read = Read("SELECT (1 / $1::int4)::text AS a")
        try world.warm(read, "1")
        let answers = try together(world, [1, 0, 1, 0, 1].map { value in { try world.ask(read, "\(value)") } })
        #expect(answers.map { $0.text ?? "" } == [#"[{"a":"1"}]"#, "", #"[{"a":"1"}]"#, "", #"[{"a":"1"}]"#])
        for index in [1, 3] { #expect(answers[index].failure?.sqlState == "22012", "\(answers[index].failure?.words ?? "")") }
        #expect(world.database.pool.multiplexed.value == 5)
        #expect(world.database.pool.turnover.opened == 1)
    }

    @Test func `who is behind a slow read goes elsewhere, and the slow one ends as it would alone`() throws {
        let world = try world(connections: 2)
        let read = Read("SELECT pg_sleep($1::float8)::text || $1 AS a")
        try world.warm(read, "0")
        let values = ["0", "0.5", "0", "0", "0"]
        let answers = try together(world, values.map { value in { try world.ask(read, value) } })
        for (answer, value) in zip(answers, values) { #expect(answer.text == #"[{"a":"\#(value)"}]"#, "\(answer)") }
        #expect(world.database.pool.multiplexed.value >= 3 && world.database.pool.moved.value >= 1)
        #expect(world.database.pool.turnover.opened == 2)
    }

    @Test func `a deadline, and a cancellation, end one read, and none of its neighbours`() throws {
        let world = try world()
        let read = Read("SELECT pg_sleep($1::float8)::text || $1 AS a")
        try world.warm(read, "0")
        let stop = CancellationToken()
        let timer = Foundation.Thread {
            usleep(700_000)
            stop.cancel()
        }
        timer.start()
        let answers = try together(
            world,
            [
                { try world.ask(read, "0") },
                { try world.ask(read, "60", milliseconds: 300) },
                { try world.ask(read, "0") },
                { try world.ask(read, "60", cancellation: stop) },
                { try world.ask(read, "0") },
            ])
        for index in [0, 2, 4] { #expect(answers[index].text == #"[{"a":"0"}]"#, "\(answers[index])") }
        #expect(answers[1].failure?.code == "P6004", "\(answers[1])")
        #expect(answers[3].failure?.status == .cancelled, "\(answers[3])")
        #expect(try world.ask(read, "0") == #"[{"a":"0"}]"#)
        #expect(world.database.pool.multiplexed.value == 5)
    }

    @Test func `a lost connection repeats each read once`() throws {
        let world = try world()
        let read = Read("SELECT CASE WHEN $1 = 'kill' THEN pg_terminate_backend(pg_backend_pid())::text ELSE $1 END AS a")
        try world.warm(read, "x")
        let answers = try together(world, ["a", "kill", "c", "d"].map { value in { try world.ask(read, value) } })
        for (index, value) in [(0, "a"), (2, "c"), (3, "d")] { #expect(answers[index].text == #"[{"a":"\#(value)"}]"#, "\(answers[index])") }
        #expect(answers[1].failure?.words.contains("P1017") == true, "\(answers[1].failure?.words ?? "")")
    }

    @Test func `an answer that is too large for its limit ends alone`() throws {
        let world = try world(answerBytes: 1_000)
        let read = Read("SELECT repeat('x', $1::int4) AS a")
        try world.warm(read, "5")
        let answers = try together(world, ["3", "60000000", "4"].map { value in { try world.ask(read, value) } })
        #expect(answers[0].text == #"[{"a":"xxx"}]"# && answers[2].text == #"[{"a":"xxxx"}]"#, "\(answers)")
        #expect(answers[1].failure?.code == "P6009", "\(answers[1])")
    }

    @Test func `tables that change under what is prepared change nothing for the callers`() throws {
        let world = try world()
        let database = world.database
        try database.execute("CREATE TABLE multiplexed (id int4, name text)")
        defer { _ = try? database.execute("DROP TABLE multiplexed") }
        try database.execute("INSERT INTO multiplexed SELECT i, 'n' || i FROM generate_series(1, 20) i")
        let read = Read("SELECT name FROM multiplexed WHERE id = $1::int4")
        try world.warm(read, "1")
        try database.execute("ALTER TABLE multiplexed ALTER COLUMN name TYPE varchar(10)")
        let answers = try together(world, (1...10).map { number in { try world.ask(read, "\(number)") } })
        for (index, answer) in answers.enumerated() { #expect(answer.text == #"[{"a":"n\#(index + 1)"}]"#, "\(answer)") }
    }

    @Test(arguments: ["&multiplexing_limit=1", "&pgbouncer=true", "&statement_cache_size=0"])
    func `nothing is shared where it is turned off`(parameters: String) throws {
        let world = try world(parameters)
        let read = Read("SELECT $1::text AS a")
        for _ in 0..<6 { _ = try world.ask(read, "x") }
        let answers = try together(world, (0..<8).map { number in { try world.ask(read, "\(number)") } })
        for (number, answer) in answers.enumerated() { #expect(answer.text == #"[{"a":"\#(number)"}]"#) }
        #expect(world.database.pool.multiplexed.value == 0)
    }

    @Test func `nor what is slow, nor what is several statements`() throws {
        let world = try world()
        let slow = Read("SELECT pg_sleep(0.025)::text || $1::text AS a")
        for _ in 0..<6 { _ = try world.ask(slow, "x") }
        _ = try together(world, (0..<3).map { number in { try world.ask(slow, "\(number)") } })
        let read = Read("SELECT $1::text AS a")
        let batch = StatementBatch([read.batch.statements[0], read.batch.statements[0]])
        for _ in 0..<6 { _ = try world.database.answer(batch, read.writer, values: ["x"]) }
        _ = try together(world, (0..<4).map { _ in { try world.database.answer(batch, read.writer, values: ["x"]) } })
        #expect(world.database.pool.multiplexed.value == 0)
    }
}
