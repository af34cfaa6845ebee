import Cache
import SQL
import Testing
import Text

@testable import Engine

/// Which tables tell of their changes, as the catalog says it.
@Suite struct TriggerCoverageTests {
    private let tables = [ChangeTriggers.Table(schema: "public", name: "User"), ChangeTriggers.Table(schema: nil, name: "Event")]

    private func triggerCoverage(_ rows: String, hasViews: Bool = false) throws -> TriggerCoverage {
        try TriggerCoverage(of: tables, hasViews: hasViews, rows: try JSONDocument(scanning: rows).root)
    }

    private let user = #"{"n": 1, "schema": "public", "name": "User", "tells": true}"#

    @Test func `a write of a partition, or of what it is a part of, concerns the table`() throws {
        let triggerCoverage = try triggerCoverage(
            "[\(user), {\"n\": 2, \"schema\": \"app\", \"name\": \"Event\", \"tells\": true}, {\"n\": 2, \"schema\": \"app\", \"name\": \"low\", \"tells\": true}]"
        )
        #expect(triggerCoverage.untracked == [] && triggerCoverage.suspended == [])
        #expect(triggerCoverage.tables(writtenBy: .init(schema: "app", name: "low")) == ["Event"])
        #expect(triggerCoverage.tables(writtenBy: .init(schema: "app", name: "Event")) == ["Event"])
        #expect(triggerCoverage.tables(writtenBy: .init(schema: "public", name: "User")) == ["public.User"])
        #expect(triggerCoverage.tables(writtenBy: .init(schema: "other", name: "User")) == [])
    }

    @Test(arguments: [
        #"{"n": 2, "schema": "app", "name": "Event", "tells": false}"#, #"{"n": 2, "schema": null, "name": null, "tells": null}"#,
        #"{"n": 2, "schema": "app", "name": "Event", "tells": true}, {"n": 2, "schema": "app", "name": "low", "tells": false}"#,
        #"{"n": 7}"#, #"{"n": -9223372036854775808}"#, #"{"n": "2", "schema": "app", "name": "Event", "tells": true}"#, "{}",
    ])
    func `a table of which something is silent, missing or not said is mute`(rows: String) throws {
        let triggerCoverage = try triggerCoverage("[\(user), \(rows)]")
        #expect(triggerCoverage.untracked == ["Event"])
        #expect(triggerCoverage.suspended == [AutomaticTag.anyTable, AutomaticTag.table("Event"), AutomaticTag.rows(of: "Event")])
    }

    @Test func `views are always mute, and nothing is known at first`() throws {
        let triggerCoverage = try triggerCoverage("[\(user), {\"n\": 2, \"schema\": \"app\", \"name\": \"Event\", \"tells\": true}]", hasViews: true)
        #expect(triggerCoverage.untracked == [] && triggerCoverage.suspended == [AutomaticTag.anyTable])
        #expect(try self.triggerCoverage("[]").untracked == ["public.User", "Event"])
    }
}
