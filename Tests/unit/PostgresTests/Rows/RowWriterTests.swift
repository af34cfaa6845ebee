import Concurrency
import Testing
import Text

@testable import Postgres

/// Rows become answers: records, groups, relations, limits.
@Suite struct RowWriterTests {
    private static func integer(_ index: Int) -> RowShape.Content { .column(RowShape.Column(index, ValueForm(.integer))) }
    private static func text(_ index: Int) -> RowShape.Content { .column(RowShape.Column(index, ValueForm(.string))) }

    private let users = SyntheticRows(
        columns: [("id", .int4), ("name", .text)],
        rows: [[Bytes.int32(1), Bytes.text("Ann")], [Bytes.int32(2), nil], [Bytes.int32(3), Bytes.text("Cy")]])
    private let user = RowShape.Record([
        RowShape.Member("id", integer(0)), RowShape.Member("name", text(1)),
    ])

    @Test func `a list has its rows in order, or from the last to the first`() throws {
        #expect(
            try answer(.list(user, result: 0, isReversed: false), [users])
                == #"[{"id":1,"name":"Ann"},{"id":2,"name":null},{"id":3,"name":"Cy"}]"#)
        #expect(
            try answer(.list(user, result: 0, isReversed: true), [users])
                == #"[{"id":3,"name":"Cy"},{"id":2,"name":null},{"id":1,"name":"Ann"}]"#)
    }

    @Test func `no rows are an empty list, null, or P2025`() throws {
        var none = users
        none.rows = []
        #expect(try answer(.list(user, result: 0, isReversed: false), [none]) == "[]")
        #expect(try answer(.first(user, result: 0), [none]) == "null")
        #expect {
            try answer(.required(user, result: 0), [none])
        } throws: { ($0 as? Failure)?.code == "P2025" && ($0 as? Failure)?.status == .notFound }
        #expect(try answer(.required(user, result: 0), [users]) == #"{"id":1,"name":"Ann"}"#)
    }

    @Test func `count answers a bare number`() throws {
        let rows = SyntheticRows(columns: [("count", .int8)], rows: [[Bytes.int64(12)]])
        #expect(try answer(.value(RowShape.Column(0, ValueForm(.integer)), result: 0), [rows]) == "12")
    }

    @Test func `groups and empty records are objects over the same row`() throws {
        let record = RowShape.Record([
            RowShape.Member("_count", .group(user)), RowShape.Member("none", .group(RowShape.Record([]))),
            RowShape.Member("id", Self.integer(0)),
        ])
        #expect(try answer(.first(record, result: 0), [users]) == #"{"_count":{"id":1,"name":"Ann"},"none":{},"id":1}"#)
    }

    @Test func `a to-one relation is null when its presence is`() throws {
        let rows = SyntheticRows(
            columns: [("id", .int4), ("boss", .int4), ("name", .text)],
            rows: [[Bytes.int32(1), Bytes.int32(9), Bytes.text("B")], [Bytes.int32(2), nil, nil]])
        let boss = RowShape.Record([RowShape.Member("name", Self.text(2)), RowShape.Member("id", Self.integer(1))])
        let record = RowShape.Record([
            RowShape.Member("boss", .toOne(boss, presence: 1)), RowShape.Member("id", Self.integer(0)),
        ])
        #expect(
            try answer(.list(record, result: 0, isReversed: false), [rows])
                == #"[{"boss":{"name":"B","id":9},"id":1},{"boss":null,"id":2}]"#)
    }

    private func posts(_ pairs: [(Int?, Int)]) -> SyntheticRows {
        SyntheticRows(
            columns: [("author", .int4), ("id", .int4)], rows: pairs.map { [$0.0.map { Bytes.int32($0) }, Bytes.int32($0.1)] })
    }

    private func withPosts(isReversed: Bool = false) -> RowShape.Record {
        let post = RowShape.Record([RowShape.Member("id", Self.integer(1))])
        return RowShape.Record([
            RowShape.Member("id", Self.integer(0)),
            RowShape.Member("posts", .toMany(post, result: 1, keys: [0], matching: [0], isReversed: isReversed)),
        ])
    }

    @Test(
        arguments: [
            [(1, 10), (1, 11), (3, 30)], [(3, 30), (1, 10), (1, 11)], [(1, 10), (3, 30), (1, 11)],
        ] as [[(Int, Int)]])
    func `the rows of a to-many relation find their record, however they are ordered`(pairs: [(Int, Int)]) throws {
        let tables = [users, posts(pairs.map { ($0.0, $0.1) })]
        #expect(
            try answer(.list(withPosts(), result: 0, isReversed: false), tables)
                == #"[{"id":1,"posts":[{"id":10},{"id":11}]},{"id":2,"posts":[]},{"id":3,"posts":[{"id":30}]}]"#)
        #expect(try answer(.first(withPosts(isReversed: true), result: 0), tables) == #"{"id":1,"posts":[{"id":11},{"id":10}]}"#)
    }

    @Test func `NULL keys match nothing`() throws {
        var parents = users
        parents.rows[0][0] = nil
        let json = try answer(.first(withPosts(), result: 0), [parents, posts([(nil, 10), (1, 11)])])
        #expect(json == #"{"id":null,"posts":[]}"#)
    }

    @Test func `a key matches the related table's own column when both are integers, of whatever width, numbers or UUIDs`() throws {
        let child = RowShape.Record([RowShape.Member("id", Self.integer(0))])
        let record = RowShape.Record([
            RowShape.Member("c", .toMany(child, result: 1, keys: [0], matching: [1], isReversed: false, areOwnColumns: true))
        ])
        func joined(_ key: (ColumnType, [UInt8]), _ own: ColumnType, _ cells: [[UInt8]?]) throws -> String {
            let parent = SyntheticRows(columns: [("k", key.0)], rows: [[key.1]])
            let rows = cells.enumerated().map { [Bytes.int32($0.offset), $0.element] }
            return try answer(.first(record, result: 0), [parent, SyntheticRows(columns: [("id", .int4), ("own", own)], rows: rows)])
        }
        #expect(try joined((.int8, Bytes.int64(-7)), .int4, [Bytes.int32(-7), nil, Bytes.int32(7)]) == #"{"c":[{"id":0}]}"#)
        #expect(try joined((.int2, Bytes.int16(300)), .int8, [Bytes.int64(44), Bytes.int64(300)]) == #"{"c":[{"id":1}]}"#)
        let uuids = (1...3).map { [UInt8](repeating: UInt8($0), count: 16) }
        #expect(try joined((.uuid, uuids[1]), .uuid, uuids) == #"{"c":[{"id":1}]}"#)
        // Equal numbers, whatever digits they are written with.
        #expect(try joined((.numeric, Bytes.numeric([1], weight: 0)), .numeric, [Bytes.numeric([1], weight: 0, scale: 2)]) == #"{"c":[{"id":0}]}"#)
        #expect(throws: Failure.self) { try joined((.int4, Bytes.int32(1)), .text, [Bytes.text("1")]) }
    }

    @Test func `integer keys match as a naive search would, NULLs between them`() throws {
        var random = SplitMix(seed: 9)
        let parents = (0..<60).map { _ in random.below(70) - 35 }
        let children = (0..<500).map { _ in random.below(9) == 0 ? nil : random.below(70) - 35 }
        let tables = [
            SyntheticRows(columns: [("id", .int4)], rows: parents.map { [Bytes.int32($0)] }),
            SyntheticRows(
                columns: [("author", .int2), ("id", .int4)], rows: children.enumerated().map { [$0.element.map { Bytes.int16($0) }, Bytes.int32($0.offset)] }),
        ]
        for isReversed in [false, true] {
            let expected = parents.map { parent in
                let mine = children.indices.filter { children[$0] == parent }
                let posts = (isReversed ? mine.reversed() : mine).map { "{\"id\":\($0)}" }
                return "{\"id\":\(parent),\"posts\":[\(posts.joined(separator: ","))]}"
            }
            #expect(try answer(.list(withPosts(isReversed: isReversed), result: 0, isReversed: false), tables) == "[\(expected.joined(separator: ","))]")
        }
    }

    @Test func `keys of several columns match as a whole`() throws {
        let parents = SyntheticRows(
            columns: [("a", .text), ("b", .text)], rows: [[Bytes.text("x"), Bytes.text("yz")], [Bytes.text("xy"), Bytes.text("z")]])
        let children = SyntheticRows(
            columns: [("id", .int4), ("b", .text), ("a", .text)],
            rows: [[Bytes.int32(1), Bytes.text("z"), Bytes.text("xy")], [Bytes.int32(2), Bytes.text("yz"), Bytes.text("x")]])
        let child = RowShape.Record([RowShape.Member("id", Self.integer(0))])
        let record = RowShape.Record([
            RowShape.Member("c", .toMany(child, result: 1, keys: [0, 1], matching: [2, 1], isReversed: false))
        ])
        #expect(try answer(.list(record, result: 0, isReversed: false), [parents, children]) == #"[{"c":[{"id":2}]},{"c":[{"id":1}]}]"#)
    }

    @Test func `of a key of several columns the numerics match as numbers and the others by their bytes`() throws {
        let one = Bytes.numeric([1], weight: 0)
        let (alsoOne, two) = (Bytes.numeric([1], weight: 0, scale: 2), Bytes.numeric([2], weight: 0))
        let parents = SyntheticRows(columns: [("n", .numeric), ("i", .int4)], rows: [[one, Bytes.int32(5)], [two, Bytes.int32(5)]])
        let children = SyntheticRows(
            columns: [("id", .int4), ("n", .numeric), ("i", .int4)],
            rows: [[Bytes.int32(1), alsoOne, Bytes.int32(5)], [Bytes.int32(2), one, Bytes.int32(6)], [Bytes.int32(3), one, Bytes.int32(5)]])
        let child = RowShape.Record([RowShape.Member("id", Self.integer(0))])
        let record = RowShape.Record([
            RowShape.Member("c", .toMany(child, result: 1, keys: [0, 1], matching: [1, 2], isReversed: false))
        ])
        #expect(try answer(.list(record, result: 0, isReversed: false), [parents, children]) == #"[{"c":[{"id":1},{"id":3}]},{"c":[]}]"#)
    }

    @Test func `relations nest, and many rows match as a naive search would`() throws {
        var random = SplitMix(seed: 4)
        let parents = SyntheticRows(columns: [("id", .int4)], rows: (0..<40).map { _ in [Bytes.int32(random.below(50))] })
        let middle = posts((0..<300).map { (random.below(50), $0) })
        let leaves = posts((0..<900).map { (random.below(300), $0) })
        let leaf = RowShape.Record([RowShape.Member("l", Self.integer(1))])
        let node = RowShape.Record([
            RowShape.Member("m", Self.integer(1)),
            RowShape.Member("leaves", .toMany(leaf, result: 2, keys: [1], matching: [0], isReversed: true)),
        ])
        let root = RowShape.Record([RowShape.Member("nodes", .toMany(node, result: 1, keys: [0], matching: [0], isReversed: false))])
        let expected = parents.rows.map { parent in
            let nodes = middle.rows.filter { $0[0] == parent[0] }.map { node in
                let mine = leaves.rows.filter { $0[0] == node[1] }.reversed().map { "{\"l\":\(number($0[1]))}" }
                return "{\"m\":\(number(node[1])),\"leaves\":[\(mine.joined(separator: ","))]}"
            }
            return "{\"nodes\":[\(nodes.joined(separator: ","))]}"
        }
        #expect(try answer(.list(root, result: 0, isReversed: false), [parents, middle, leaves]) == "[\(expected.joined(separator: ","))]")
    }

    private func number(_ cell: [UInt8]?) -> Int { (cell ?? []).reduce(0) { $0 << 8 | Int($1) } }

    @Test func `the limit itself is allowed; a byte more is P6009 with both sizes`() throws {
        let root = RowShape.Root.list(user, result: 0, isReversed: false)
        let size = try answer(root, [users]).utf8.count
        #expect(try answer(root, [users], limit: size).utf8.count == size)
        for limit in [size - 1, 10, 1] {
            #expect {
                try answer(root, [users], limit: limit)
            } throws: { error in
                guard let failure = error as? Failure else { return false }
                return failure.code == "P6009" && failure.status == .tooLarge
                    && failure.meta.contains { $0.key == "size" && $0.value == .number(size) }
                    && failure.meta.contains { $0.key == "limit" && $0.value == .number(limit) }
            }
        }
    }

    @Test func `a writer follows when the types of the columns change`() throws {
        let writer = RowWriter(RowShape(.value(RowShape.Column(0, ValueForm(.integer)), result: 0)))
        for (type, cell) in [(ColumnType.int4, Bytes.int32(5)), (.int8, Bytes.int64(5)), (.int4, Bytes.int32(5))] {
            var buffer = ByteBuffer()
            let results = ResultSet([try SyntheticRows(columns: [("c", type)], rows: [[cell]]).reply()])
            try writer.write(results, into: &buffer, limit: 100)
            #expect(buffer.string() == "5")
        }
    }

    @Test func `a shape that reads what is not there, or nests without end, is an error`() {
        let missing = RowShape.Record([RowShape.Member("x", Self.integer(7))])
        #expect(throws: Failure.self) { try answer(.first(missing, result: 0), [users]) }
        #expect(throws: Failure.self) { try answer(.first(user, result: 3), [users]) }
        #expect(throws: Failure.self) { try answer(.first(RowShape.Record([]), result: 1), [users]) }
        let lost = RowShape.Content.toMany(user, result: 2, keys: [], matching: [], isReversed: false)
        #expect(throws: Failure.self) { try answer(.first(RowShape.Record([RowShape.Member("x", lost)]), result: 0), [users]) }
        var deep = user
        for _ in 0..<200 { deep = RowShape.Record([RowShape.Member("x", .toOne(deep, presence: 0))]) }
        #expect(throws: Failure.self) { try answer(.first(deep, result: 0), [users]) }
    }

    @Test func `the clock is looked at after each block of records, at every level`() throws {
        let past = Deadline(nanoseconds: 0)
        func write(_ parents: Int, _ children: Int, until deadline: Deadline) throws -> Int {
            let parent = SyntheticRows(columns: [("id", .int4)], rows: (0..<parents).map { [Bytes.int32($0)] })
            let child = SyntheticRows(columns: [("of", .int4)], rows: (0..<children).map { _ in [Bytes.int32(0)] })
            let related = RowShape.Content.toMany(
                RowShape.Record([RowShape.Member("of", Self.integer(0))]), result: 1, keys: [0], matching: [0], isReversed: false)
            let record = RowShape.Record([RowShape.Member("id", Self.integer(0)), RowShape.Member("all", related)])
            var buffer = ByteBuffer()
            let results = ResultSet([try parent.reply(), try child.reply()])
            try RowWriter(RowShape(.list(record, result: 0, isReversed: false))).write(results, into: &buffer, limit: 1 << 20, until: deadline)
            return buffer.count
        }
        let block = PostgresLimit.recordsPerLook
        #expect(try write(block - 1, 0, until: past) > 0, "what is small is written, however late")
        for (parents, children) in [(block, 0), (1, block - 1), (block - 1, 1)] {
            #expect { try write(parents, children, until: past) } throws: { ($0 as? Failure)?.code == "P6004" }
            #expect(try write(parents, children, until: .never) > 0)
        }
    }
}
