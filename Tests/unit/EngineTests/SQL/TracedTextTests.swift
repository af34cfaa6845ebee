import Testing
import Text

@testable import Engine

/// Which texts are known without their traceparent. A text that is taken for another one would give another one's answer.
@Suite("Texts with a traceparent")
struct TracedTextTests {
    private static let value = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    private static let rest = #""model":"User","operation":"findMany","args":{"where":{"id":1}}"#

    private func plain(_ text: String) -> String? {
        var text = text
        return text.withUTF8 { bytes in
            TracedText.withPlain(UnsafeRawBufferPointer(bytes)) { plain in plain.map { String(decoding: $0, as: UTF8.self) } }
        }
    }

    @Test("It is taken away where it is the last member or the first, however it is spaced")
    func found() {
        for colon in [":", ": "] {
            for comma in [",", ", "] {
                let member = "\"traceparent\"\(colon)\"\(Self.value)\""
                #expect(plain("{\(Self.rest)\(comma)\(member)}") == "{\(Self.rest)}")
                #expect(plain("{\(member)\(comma)\(Self.rest)}") == "{\(Self.rest)}")
            }
        }
    }

    @Test(
        "A text without one, or with one elsewhere, stays what it is",
        arguments: [
            "", "{", "}", "{}", "{\(rest)}", #"{"traceparent":"\#(value)"}"#, #"{"traceparent":"\#(value)""#,
            // In the arguments, in the middle, followed by blanks.
            #"{"model":"User","operation":"findMany","args":{"where":{"id":1,"traceparent":"\#(value)"}}}"#,
            #"{"args":{"traceparent":"\#(value)","a":1}}"#,
            #"{"model":"User","traceparent":"\#(value)","operation":"findMany"}"#,
            #"{\#(rest),"traceparent":"\#(value)"} "#, #"{\#(rest),"traceparent":"\#(value)"}}"#, #" {"traceparent":"\#(value)",\#(rest)}"#,
            // Not one, or under another name.
            #"{\#(rest),"traceparent":"\#(value)0"}"#, #"{\#(rest),"traceparent":"\#(value.uppercased())"}"#,
            #"{\#(rest),"xtraceparent":"\#(value)"}"#, #"{\#(rest),"traceparent" :"\#(value)"}"#, #"{\#(rest)"traceparent":"\#(value)"}"#,
            #"{"traceparent":"\#(value)"\#(rest)}"#, #"{"traceparent":'\#(value)',\#(rest)}"#,
            #"{\#(rest),\"traceparent\":"\#(value)"}"#,
        ])
    func elsewhere(text: String) {
        #expect(plain(text) == nil)
    }

    @Test("What is left is the same request: whatever text goes in, adding the member and taking it away gives that text again")
    func inverse() throws {
        for text in ["{\(Self.rest)}", #"{"a":"}"}"#, #"{"a":"\""}"#, #"{"a":[1,{"b":","}],"c":"x,\"traceparent\":"}"#] {
            let last = text.dropLast() + #","traceparent":"\#(Self.value)"}"#
            let first = #"{"traceparent":"\#(Self.value)","# + text.dropFirst()
            #expect(plain(String(last)) == text && plain(String(first)) == text)
            _ = try JSONDocument(scanning: String(last))
        }
    }
}
