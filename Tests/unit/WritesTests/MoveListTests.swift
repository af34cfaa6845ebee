import Testing

@testable import Writes

/// Records that move during a write, found without passing over all moves.
@Suite struct MoveListTests {
    /// A record whose field n has the slot `slots[n]`.
    private func record(_ slots: Int...) -> WriteExecutor.Record {
        Dictionary(uniqueKeysWithValues: slots.enumerated().map { ($0.offset, .slot($0.element)) })
    }

    /// The values are the slots' numbers. A negative one is unknown.
    private func text(_ record: WriteExecutor.Record, _ fields: [Int]) -> [UInt8]? {
        var whole: [UInt8] = []
        for field in fields {
            guard case .slot(let slot) = record[field] ?? .null, slot >= 0 else { return nil }
            whole += Array("\(slot)".utf8) + [0]
        }
        return whole
    }

    private func first(_ list: inout MoveList, _ model: Int, _ fields: [Int], _ slots: Int..., from start: Int) -> Int? {
        var values: [UInt8] = []
        for slot in slots { values += Array("\(slot)".utf8) + [0] }
        return list.first(from: start, of: model, fields, values) { text($0, $1) }
    }

    @Test func `a move is found by what the record was before it, from a place on`() {
        var list = MoveList()
        list.append(.init(model: 0, before: record(1, 5), after: record(2, 5)))
        list.append(.init(model: 1, before: record(1, 5), after: record(3, 5)))
        list.append(.init(model: 0, before: record(2, 5), after: record(1, 5)))
        list.append(.init(model: 0, before: record(1, 5), after: record(9, 5)))
        #expect(first(&list, 0, [0], 1, from: 0) == 0)
        #expect(first(&list, 0, [0], 1, from: 1) == 3)
        #expect(first(&list, 0, [0], 1, from: 4) == nil)
        #expect(first(&list, 1, [0], 1, from: 0) == 1)
        #expect(first(&list, 0, [0, 1], 2, 5, from: 0) == 2)
        #expect(first(&list, 0, [1], 5, from: 1) == 2, "another key has a table of its own")
        list.append(.init(model: 0, before: record(7, -1), after: record(8, 5)))
        #expect(first(&list, 0, [0], 7, from: 0) == 4, "what is added later is found, too")
        #expect(first(&list, 0, [0, 1], 7, 5, from: 0) == nil, "a key with an unknown value is none")
    }

    @Test func `each move is read once for a key, however often the list is asked`() {
        var list = MoveList()
        var reads = 0
        let count = 4_000
        for number in 0..<count {
            list.append(.init(model: 0, before: record(number), after: record(number + count)))
            let place = list.first(from: 0, of: 0, [0], Array("\(number)".utf8) + [0]) {
                reads += 1
                return text($0, $1)
            }
            #expect(place == number)
        }
        #expect(reads == count)
    }
}
