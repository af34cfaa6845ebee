import CLinux
import Testing

@testable import Cache

extension Pages {
    /// Of another size than this machine's: what the system would do with such pages, it does here with those it has.
    static let of16K = Pages(size: 16 << 10) { emulate($0, $1, $2, size: 16 << 10) }
    static let of64K = Pages(size: 64 << 10) { emulate($0, $1, $2, size: 64 << 10) }
    /// As of a process that has locked its memory.
    static let kept = Pages(size: 4096) { start, count, advice in
        advice == MADV_DONTNEED ? -1 : madvise(start, count, advice)
    }

    private static func emulate(_ start: UnsafeMutableRawPointer?, _ count: Int, _ advice: Int32, size: Int) -> Int32 {
        UInt(bitPattern: start) % UInt(size) == 0 ? madvise(start, (count + size - 1) & ~(size - 1), advice) : -1
    }
}

/// Systems with larger pages, and those that take none back.
@Suite struct PagesTests {
    enum Kind: CaseIterable {
        case system, of16K, of64K, kept

        var pages: Pages {
            switch self {
            case .system: .system
            case .of16K: .of16K
            case .of64K: .of64K
            case .kept: .kept
            }
        }
    }

    static let kinds = Kind.allCases

    @Test(arguments: kinds) func `memory that is mapped begins on a page and is zero`(kind: Kind) throws {
        let pages = kind.pages
        for size in [1, pages.size, pages.size + 1, 2 << 20, (2 << 20) + 1, 3 << 20] {
            let memory = try #require(pages.map(size))
            #expect(UInt(bitPattern: memory) % UInt(pages.size) == 0)
            #expect(size < 2 << 20 || UInt(bitPattern: memory) % (2 << 20) == 0)
            let bytes = UnsafeMutableRawBufferPointer(start: memory, count: pages.whole(size))
            #expect(bytes.allSatisfy { $0 == 0 })
            memset(memory, 1, bytes.count)
            pages.unmap(memory, size)
        }
    }

    @Test(arguments: kinds) func `a table keeps what is in it while it grows and shrinks`(kind: Kind) {
        var table = MappedArray<UInt32>(kind.pages)
        defer { table.deallocate() }
        for _ in 0..<3 {
            while table.count < 1_500_000 { table.append(UInt32(table.count)) }
            let whole = table.size
            #expect(table.values.enumerated().allSatisfy { $0.offset == Int($0.element) })
            while table.count > 10_001 { table.removeLast() }
            #expect(table.values.enumerated().allSatisfy { $0.offset == Int($0.element) })
            #expect(kind == .kept ? table.size == whole : table.size < whole / 2, "what is in use is known")
        }
    }
}
