import Testing

@testable import Engine

/// What processes say to each other.
@Suite struct ChangeNoticeTests {
    private let origin = ChangeNotice.Origin(number: 0x0123_4567_89ab_cdef)

    private func read(_ text: String) -> ChangeNotice? { ChangeNotice(Array(text.utf8)) }

    @Test func `what is written is read`() {
        let notices: [ChangeNotice] = [
            .probe(.init(origin: origin, number: 42)), .tags([Array("a".utf8), Array("b_2".utf8)], origin: origin),
            .everything(origin: origin), .everything(origin: nil), .everything(origin: ChangeNotice.Origin(number: 0)),
        ]
        for notice in notices { #expect(notice.text.flatMap { read($0) } == notice) }
        #expect(notices[0].text == "h0123456789abcdef 42")
    }

    @Test(arguments: [
        ("t public.users", "public", "users"), (#"t public."User""#, "public", "User"), (#"t "a.b"."c ""d""#, "a.b", #"c "d"#),
        (#"t "é"."naïve ☃""#, "é", "naïve ☃"), ("t \"a\nb\".c", "a\nb", "c"),
    ])
    func `tables are called as PostgreSQL quotes them`(text: String, schema: String, name: String) {
        #expect(read(text) == .table(schema: schema, name: name, origin: nil))
        #expect(read("t0123456789abcdef" + text.dropFirst()) == .table(schema: schema, name: name, origin: origin))
    }

    @Test(arguments: [
        "", "x", "t", "t ", "t users", "t public.", #"t "public.users"#, #"t public."User"x"#, "t public.users.id", "tzz public.users",
        "t0123 public.users", "t0123456789abcdefg public.users", "h 1", "h0123456789abcdef", "h0123456789abcdef x", "i", "i a,,b", "a x",
        "c c", "C", "t public.\u{0}\u{ff}",
    ])
    func `all else is not understood`(text: String) {
        if text.hasSuffix("\u{ff}") {
            #expect(ChangeNotice(Array("t public.".utf8) + [0xff]) == nil)
        } else {
            #expect(read(text) == nil)
        }
    }

    @Test func `no bytes break it`() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let letters = Array("tihac 0123456789abcdef\".,".utf8)
            let payload = (0..<Int.random(in: 0..<40, using: &random)).map { _ in
                Int.random(in: 0..<20, using: &random) == 0 ? UInt8.random(in: 0...255, using: &random) : letters.randomElement(using: &random) ?? 0
            }
            _ = ChangeNotice(payload)
        }
    }
}
