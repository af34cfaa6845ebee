import Foundation
import Synchronization
import Testing

@testable import Cache

/// What a reply holds stays as it is, whatever happens to the cache.
@Suite struct PinTests {
    @Test func `the bytes outlive eviction, invalidation, refresh and the cache`() throws {
        var test: TestCache? = TestCache(maxBytes: 64 << 10)
        var held: [(Cache.Hit, String)] = []
        func protectIfMatching(_ key: String, _ text: String) throws {
            let bytes = Array(TestCache.text(key, ttl: 10, swr: 60, tags: ["a"]).utf8)
            let hit = try #require(bytes.withUnsafeBytes { test?.cache.hit(text: $0, now: test?.now ?? 0) })
            held.append((hit, text))
        }
        for key in ["evicted", "invalidated", "refreshed", "closed"] {
            test?.ask(key, ttl: 10, swr: 60, tags: ["a"], answer: key)
            try protectIfMatching(key, key)
        }
        test?.advance(seconds: 10)
        test?.refresh("refreshed", ttl: 10, swr: 60, tags: ["a"], answer: "new")
        try protectIfMatching("refreshed", "new")
        test?.cache.invalidate(tags: [Cache.Tag("a")])
        for number in 0..<1000 { test?.ask("filler\(number)", ttl: 60, answer: String(repeating: "x", count: 500)) }
        while test?.cache.sweep(now: test?.now ?? 0) == true {}
        test = nil
        for (hit, text) in held {
            #expect(String(decoding: hit.pin.data, as: UTF8.self) == text)
            hit.pin.release()
        }
    }

    @Test func `a pin without an answer is room for a reply`() {
        let pin = Pin.empty()
        #expect(!pin.holdsAnswer && pin.data.count == 0)
        memset(pin.payload, 0xFF, Pin.payloadSize)
        #expect(Pin(at: pin.address).payload == pin.payload)
        pin.release()
    }

    @Test func `pins may be released by other threads and are used again`() {
        let test = TestCache()
        test.ask("q", ttl: 60, answer: "one")
        let pins = Guarded<[Pin]>([])
        Workers.run(4) { _ in
            for _ in 0..<2000 {
                let bytes = Array(TestCache.text("q", ttl: 60).utf8)
                guard let hit = bytes.withUnsafeBytes({ test.cache.hit(text: $0, now: test.now) }) else { continue }
                let other = pins.withLock { pins -> Pin? in
                    pins.append(hit.pin)
                    return pins.count > 100 ? pins.removeFirst() : nil
                }
                if let other {
                    #expect(String(decoding: other.data, as: UTF8.self) == "one")
                    other.release()
                }
            }
        }
        for pin in pins.withLock({ $0 }) { pin.release() }
        var slabs = 0
        PinPool.shared.forEachWord { _ in slabs += 1 }
        #expect(slabs < 100 * PinSlab.cellCount)
    }
}
