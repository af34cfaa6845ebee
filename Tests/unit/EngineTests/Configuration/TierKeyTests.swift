import Testing

@testable import Engine

struct TierKeyTests {
    private static let bytes = (0..<32).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 250) }

    @Test(arguments: [
        "fa1f44698eb3d8fd22476c91b6db00254a6f94b9de03284d7297bce1062b5075", "FA1F44698EB3D8FD22476C91B6DB00254A6F94B9DE03284D7297BCE1062B5075",
        "+h9EaY6z2P0iR2yRttsAJUpvlLneAyhNcpe84QYrUHU=", "-h9EaY6z2P0iR2yRttsAJUpvlLneAyhNcpe84QYrUHU",
    ]) func oneKeyIsWrittenInEachOfTheseWays(_ text: String) { #expect(TierKey.read(text) == TierKeyTests.bytes) }

    @Test(arguments: [
        "", "=", "secret", "fa1f44698eb3d8fd22476c91b6db00254a6f94b9de03284d7297bce1062b507",
        "fa1f44698eb3d8fd22476c91b6db00254a6f94b9de03284d7297bce1062b507g",
        "+h9EaY6z2P0iR2yRttsAJUpvlLneAyhNcpe84QYrUHV=", "+h9EaY6z2P0iR2yRttsAJUpvlLneAyhNcpe84QYrUH==", "+h9EaY6z2P0iR2yRttsAJUpvlLneAyhNcpe84QYr",
        "+h9E Y6z2P0iR2yRttsAJUpvlLneAyhNcpe84QYrUHU=", "é",
    ]) func anythingElseIsNone(_ text: String) { #expect(TierKey.read(text) == nil) }
}
