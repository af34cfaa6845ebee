import Testing
import Text

@Suite("Parameter list") struct ParameterListTests {
    private func values(_ list: borrowing ParameterList) -> [String?] {
        (0..<list.count).map { list.pointer($0).map { String(cString: $0) } }
    }

    private func add(_ range: Range<Int>, to list: inout ParameterList) throws {
        for value in range { try list.append { (buffer) throws(Failure) in buffer.append("v\(value)") } }
    }

    @Test(arguments: [0, 1, 7, 8, 9, 100]) func `values are found by their slots, however many there are`(count: Int) throws {
        var list = ParameterList()
        try add(0..<count, to: &list)
        list.appendNull()
        #expect(values(list) == (0..<count).map { "v\($0)" } + [nil])
        #expect(list.pointer(count + 1) == nil)
    }

    @Test func `a copy keeps its values when the list goes on, and the reverse`() throws {
        var list = ParameterList()
        try add(0..<7, to: &list)
        var copy = list.copy()
        #expect(copy.bytes.baseAddress == list.bytes.baseAddress, "a copy alone costs nothing")
        try add(7..<12, to: &list)
        copy.appendNull()
        try add(100..<101, to: &copy)
        #expect(values(list) == (0..<12).map { "v\($0)" })
        #expect(values(copy) == (0..<7).map { "v\($0)" } + [nil, "v100"])
        #expect(Array(list.bytes) == Array("v0 v1 v2 v3 v4 v5 v6 v7 v8 v9 v10 v11 ".utf8).map { $0 == 0x20 ? 0 : $0 })
    }

    @Test func `a copy outlives its list`() throws {
        func make() throws -> ParameterList {
            var list = ParameterList()
            try add(0..<20, to: &list)
            return list.copy()
        }
        let copy = try make()
        #expect(values(copy) == (0..<20).map { "v\($0)" })
    }
}
