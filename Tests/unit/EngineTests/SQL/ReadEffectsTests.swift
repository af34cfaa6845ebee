import Testing

@testable import Engine

@Suite("What raw reads may change something by") struct ReadEffectsTests {
    private let effects = ReadEffects(names: "bump\u{1}bump it\u{1}a\"b\u{1}\(String(repeating: "n", count: 63))", areHidden: false)

    @Test(
        arguments: [
            "SELECT bump()", "SELECT Bump ( 1 )", "SELECT public . bump()", "SELECT \"bump\"()", "SELECT e.bump FROM e", "SELECT \"Bump It\"()",
            "SELECT \"a\"\"b\"()", "SELECT \(String(repeating: "N", count: 70))()", "SELECT U&\"x\"()", "SELECT query_to_xml('SELECT bump()', true, true, '')",
            "SELECT ts_stat('SELECT 1')", "SELECT 'no end", "SELECT '\\'bump()",
        ])
    func `a read that names a function which writes may write`(_ statement: String) { #expect(effects.mayWrite(statement)) }

    @Test func `a name that is too long is cut between two characters`() {
        let known = String(repeating: "n", count: 62)
        #expect(ReadEffects(names: known, areHidden: false).mayWrite("SELECT \(known)\u{E9}()"))
        #expect(!ReadEffects(names: known, areHidden: false).mayWrite("SELECT \(known)n()"))
    }

    @Test(arguments: ["SELECT 1", "SELECT 'bump()'", "SELECT bumped(), \"bump it all\"", "SELECT 1 -- bump()", "SELECT $$bump()$$", ""])
    func `a read that names none may not`(_ statement: String) { #expect(!effects.mayWrite(statement)) }

    @Test func `nothing is uncertain without names, and everything with hidden ones`() {
        #expect(!ReadEffects(names: nil, areHidden: false).mayWrite("SELECT query_to_xml('SELECT 1')"))
        #expect(!ReadEffects().mayWrite("SELECT 1"))
        #expect(ReadEffects(names: nil, areHidden: true).mayWrite("SELECT 1"))
        let symbols = ReadEffects(names: "\u{2}##\u{1}\u{2}@", areHidden: false)
        #expect(symbols.mayWrite("SELECT 1 ## 2") && symbols.mayWrite("SELECT 1 ###2") && symbols.mayWrite("SELECT '@'"))
        #expect(!symbols.mayWrite("SELECT 1 # 2 -- # #") && !symbols.mayWrite(""))
    }
}
