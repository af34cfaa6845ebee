// swift-tools-version: 6.2
import Glibc
import PackageDescription

// The modules, and the one direction in which they import each other:
//
//     Text ← Schema ← Query ← SQL ← Catalog ← Migration        Text ← Telemetry ← Postgres        SQL, Postgres ← Writes        Cache stands alone
//     Concurrency ← all that have threads        all of them ← Engine ← CAPI → libaccelerant.so
//     Telemetry, CTier ← Tier        CTier ← RedisEngine → libaccelerant-redis.so, in C, which Tier loads
//
// A compiled target per module makes the direction binding.

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),  // SE-0335
    .enableUpcomingFeature("InternalImportsByDefault"),  // SE-0409
    .enableUpcomingFeature("MemberImportVisibility"),  // SE-0444
]

/// What the library does without. Regular expressions and concurrency are linked in with every module that may use them, 1.5 MB
/// that nobody here does; reflection is for debuggers and printing.
let lean: [SwiftSetting] = [
    .unsafeFlags([
        "-Xfrontend", "-disable-implicit-string-processing-module-import",
        "-Xfrontend", "-disable-implicit-concurrency-module-import",
        "-Xfrontend", "-disable-reflection-metadata",
        "-Xfrontend", "-function-sections",
    ])
]

/// No checks at run time that nobody else is changing a property: a tenth of a miss. Debug builds, and so the tests, have them.
let unguarded: [SwiftSetting] = [.unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))]

/// One of the library's own modules. `cold` code runs once for each schema or shape of request: there size counts more than speed.
func module(_ name: String, uses dependencies: [Target.Dependency] = [], cold: Bool = false) -> Target {
    let size: [SwiftSetting] = cold ? [.unsafeFlags(["-Osize"], .when(configuration: .release))] : []
    return .target(name: name, dependencies: dependencies, swiftSettings: strict + lean + unguarded + size)
}

/// Programs that measure, and yardsticks in C. No product depends on them; `make bench` asks for them.
func benchmark(_ name: String, uses dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, path: "Benchmarks/" + name, swiftSettings: strict)
}

let benchmarks: [Target] =
    Context.environment["ACCELERANT_BENCHMARKS"] == nil
    ? []
    : [
        .target(name: "CLimit", path: "Benchmarks/CLimit", cSettings: [.unsafeFlags(["-O2"])]),
        benchmark("CacheHits", uses: ["Cache", "CLimit", "CLinux"]),
        benchmark("CacheReplay", uses: ["Cache", "CLinux"]),
        benchmark("CacheWrites", uses: ["Cache", "CLimit", "CLinux"]),
    ]

/// What libFuzzer drives: `make fuzz` asks for it. All modules are then built with its instrumentation.
let fuzzers: [Target] =
    Context.environment["ACCELERANT_FUZZ"] == nil
    ? []
    : [
        .executableTarget(
            name: "Fuzz", dependencies: ["Text", "Schema", "Query", "SQL", "Postgres", "PostgresFixtures", "Engine"], path: "Tests/fuzz/Targets",
            swiftSettings: strict + [.unsafeFlags(["-parse-as-library"])])
    ]

/// The unit tests of a module, written with swift-testing.
func tests(of name: String, uses dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: [.byName(name: name)] + dependencies, path: "Tests/unit/\(name)Tests", swiftSettings: strict)
}

/// Relative relocations in short form make the library 400 KB smaller; a loader older than glibc 2.36 does not know them. What is to run
/// elsewhere is linked with ACCELERANT_PORTABLE=1, and needs glibc 2.34.
let shortRelocations: [String] = {
    if Context.environment["ACCELERANT_PORTABLE"] != nil { return [] }
    var text = [CChar](repeating: 0, count: 64)
    confstr(Int32(_CS_GNU_LIBC_VERSION), &text, text.count)  // "glibc 2.36"
    let name = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    let version = String(decoding: name, as: UTF8.self).drop { !$0.isNumber }.split(separator: ".").compactMap { Int($0) }
    guard version.count >= 2, (version[0], version[1]) >= (2, 36) else { return [] }
    return ["-use-ld=lld", "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs"]
}()

/// The library that talks to Redis is built where hiredis is; `libaccelerant.so` does without either.
let hasHiredis = ["/usr/include", "/usr/local/include"].contains { access($0 + "/hiredis/hiredis.h", R_OK) == 0 }
/// `rediss://` is by OpenSSL, which libpq needs, too.
let hasOpenSSL = ["/usr/include", "/usr/local/include"].contains { access($0 + "/openssl/ssl.h", R_OK) == 0 }
let openSSL: [LinkerSetting] = hasOpenSSL ? [.linkedLibrary("ssl"), .linkedLibrary("crypto")] : []
let redisEngine: [Target] =
    hasHiredis
    ? [
        .target(
            name: "RedisEngine", exclude: ["exports.map"],
            linkerSettings: [
                .linkedLibrary("hiredis"),
                // Why these two: no Swift is in it, so neither its start nor its library is.
                .unsafeFlags([
                    "-nostartfiles", "-static-stdlib", "-Xlinker", "--as-needed", "-Xlinker", "-soname=libaccelerant-redis.so.1",
                    "-Xlinker", "--version-script=\(Context.packageDirectory)/Sources/RedisEngine/exports.map",
                ]),
            ] + openSSL)
    ] : []
let redisProduct: [Product] = hasHiredis ? [.library(name: "accelerant-redis", type: .dynamic, targets: ["RedisEngine"])] : []

let package = Package(
    name: "accelerant",
    products: [.library(name: "accelerant", type: .dynamic, targets: ["CAPI"])] + redisProduct,
    targets: [
        // Module maps over system headers and over our own public header.
        .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CAccelerant", path: "include"),
        .systemLibrary(name: "CTier"),

        module("Concurrency", uses: ["CFork", "CLinux"]),
        module("Text", uses: ["CLinux"]),
        module("Schema", uses: ["Text"], cold: true),
        module("Query", uses: ["Concurrency", "Text", "Schema", "CLinux"], cold: true),
        module("SQL", uses: ["Text", "Schema", "Query"], cold: true),
        module("Postgres", uses: ["Concurrency", "Text", "Telemetry", "CPostgres", "CLinux"]),
        module("Catalog", uses: ["Text", "Schema", "SQL"], cold: true),
        module("Migration", uses: ["Text", "Schema", "SQL", "Catalog"], cold: true),
        module("Writes", uses: ["Concurrency", "Text", "Schema", "Query", "SQL", "Postgres", "CLinux"], cold: true),
        module("Cache", uses: ["Concurrency", "CLinux"]),
        module("Telemetry", uses: ["Concurrency", "Text", "CLinux"], cold: true),
        module("Tier", uses: ["Concurrency", "Telemetry", "CTier", "CLinux"], cold: true),
        module(
            "Engine",
            uses: [
                "Concurrency", "Text", "Schema", "Query", "SQL", "Catalog", "Migration", "Postgres", "Writes", "Cache",
                "Telemetry", "Tier", "CLinux",
            ]),
        // The C below the Swift runtime: what it finds in the place of its own environment and names of scalars, and what makes fork() safe.
        // Why the older debug information, which Swift's own is, too: what this compiler writes by itself is newer than what Debian 12's
        // valgrind reads.
        .target(name: "CEnvironment", cSettings: [.unsafeFlags(["-gdwarf-4"])]),
        .target(name: "CFork", cSettings: [.unsafeFlags(["-gdwarf-4"])]),
        .target(
            name: "CAPI",
            dependencies: ["CAccelerant", "CEnvironment", "Engine", "Concurrency", "Text"],
            exclude: ["exports.map"],
            swiftSettings: strict + lean,
            linkerSettings: [
                // Why here: `--static-swift-stdlib` is ignored for dynamic products, a target's own settings are not.
                .unsafeFlags(
                    [
                        "-static-stdlib",
                        "-Xlinker", "-soname=libaccelerant.so.1",
                        "-Xlinker", "--version-script=\(Context.packageDirectory)/Sources/CAPI/exports.map",
                        "-Xlinker", "-z", "-Xlinker", "nodelete",
                        // Why at once: to find a function at its first call takes 4 KB of the caller's stack, and a caller may have 16.
                        "-Xlinker", "-z", "-Xlinker", "now",
                        "-Xlinker", "--wrap=environ", "-Xlinker", "--wrap=_swift_stdlib_getScalarName",
                        "-Xlinker", "--gc-sections", "-Xlinker", "--icf=all",
                    ] + shortRelocations)
            ]),

        // Replies that no server sent, which several tests read.
        .target(name: "PostgresFixtures", dependencies: ["Postgres", "CPostgres"], path: "Tests/unit/PostgresFixtures", swiftSettings: strict),
        tests(of: "Concurrency"),
        tests(of: "Text"),
        tests(of: "Schema", uses: ["Text"]),
        tests(of: "Query", uses: ["Text", "Schema"]),
        tests(of: "SQL", uses: ["Text", "Schema", "Query"]),
        tests(of: "Catalog", uses: ["Text", "Schema"]),
        tests(of: "Migration", uses: ["Text", "Schema", "Catalog"]),
        tests(of: "Postgres", uses: ["Concurrency", "Text", "Telemetry", "PostgresFixtures"]),
        tests(of: "Writes", uses: ["Concurrency", "Text", "Schema", "Query", "SQL", "Postgres", "PostgresFixtures"]),
        tests(of: "Cache", uses: ["Concurrency", "CLinux"]),
        tests(of: "Telemetry", uses: ["Text"]),
        tests(of: "Tier", uses: ["Concurrency"]),
        tests(of: "Engine", uses: ["Concurrency", "Text", "Schema", "Query", "SQL", "Postgres", "Writes", "Cache", "Telemetry"]),
    ] + redisEngine + benchmarks + fuzzers,
    swiftLanguageModes: [.v6]
)
