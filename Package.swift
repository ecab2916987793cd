// swift-tools-version: 6.1
import PackageDescription

// The order of this list is the order of the layers: a target may import only what stands above it.
// `docs/architecture.md` draws it; `Tests/RepositoryTests` keeps it true.

// A compiler newer than ours may warn of more, which is no reason for somebody's build to fail: `.ci/run` asks for this.
let strict: [SwiftSetting] =
    Context.environment["STEWARD_WARNINGS"] == "errors" ? [.unsafeFlags(["-warnings-as-errors"])] : []

let settings: [SwiftSetting] =
    strict + [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ]

func module(
    _ name: String, _ dependencies: [Target.Dependency] = [], _ more: [SwiftSetting] = []
) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings + more)
}

func program(
    _ name: String, _ dependencies: [Target.Dependency], linking linkerSettings: [LinkerSetting] = []
) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, swiftSettings: settings, linkerSettings: linkerSettings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: dependencies, resources: resources, swiftSettings: settings)
}

let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let grdbSQLite: Target.Dependency = .product(name: "GRDBSQLite", package: "GRDB.swift")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")

// What takes the place of the C library's `malloc` (decision 0017). Sanitizers bring their own.
let allocator: [LinkerSetting] =
    Context.environment["STEWARD_ALLOCATOR"] == "system" ? [] : [.linkedLibrary("tcmalloc_minimal")]

// libFuzzer brings its own `main`, so the program is there only for `make fuzz`.
let fuzzers: [Target] =
    Context.environment["STEWARD_FUZZ"] == nil ? [] : [program("fuzz", ["FuzzTargets"])]

let package = Package(
    name: "steward",
    products: [
        .executable(name: "workflowd", targets: ["workflowd"]),
        .executable(name: "workflowctl", targets: ["workflowctl"]),
    ],
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // Values
        module("JSONModel"),
        module("WallTime"),
        module("Words", ["JSONModel"]),

        // Languages
        module("JSONPath", ["JSONModel"]),
        module("JSONata", ["JSONModel"]),
        module("StatesLanguage", ["JSONModel", "WallTime", "JSONPath", "JSONata", yams]),

        // Deciding
        module("Interpreter", ["JSONModel", "WallTime", "JSONPath", "JSONata", "StatesLanguage"]),
        module("Scenarios", ["JSONModel", "WallTime", "StatesLanguage", "Interpreter"]),
        module("Budgets", ["WallTime"]),

        // Running
        module("Engine", ["JSONModel", "WallTime", "StatesLanguage", "Interpreter", logging]),
        module("Enforcement", ["JSONModel", "WallTime", "Words", "Budgets", "Engine", "Interpreter", logging]),

        // Adapters
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        module(
            "SQLiteStore",
            [
                "JSONModel", "WallTime", "StatesLanguage", "Interpreter", "Budgets", "Engine", "Enforcement", "CCrypto",
                "CSQLite", grdb, grdbSQLite, logging,
            ]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        module("Gzip", ["CZlib"]),
        module("AWSClient", ["JSONModel", "WallTime", "CCurl", "CCrypto", "Gzip"]),
        module("BedrockUsage", ["JSONModel", "WallTime", "Budgets", "Gzip"]),
        module(
            "Ingestion",
            ["JSONModel", "WallTime", "Budgets", "Engine", "Enforcement", "AWSClient", "BedrockUsage", logging]),
        module(
            "AWSTasks",
            ["JSONModel", "WallTime", "Words", "StatesLanguage", "Interpreter", "Engine", "AWSClient", "Gzip"]),
        module(
            "Notifications",
            ["JSONModel", "WallTime", "Words", "Budgets", "Engine", "Enforcement", "AWSClient", "CCurl", logging]),
        module("ActivityWorker", ["JSONModel", "WallTime", "Interpreter", "Engine", "AWSClient", logging]),

        // Faces
        module(
            "StatesAPI",
            [
                "JSONModel", "WallTime", "StatesLanguage", "Interpreter", "Budgets", "Engine", "Enforcement",
                "Gzip", "AWSClient", "BedrockUsage", hummingbird, logging,
            ],
            // Calls stay on their connection's thread without asking at each function which one it is.
            [.enableUpcomingFeature("NonisolatedNonsendingByDefault")]),

        // Programs
        program(
            "workflowd",
            [
                "JSONModel", "WallTime", "Words", "StatesLanguage", "Interpreter", "Budgets", "Engine", "Enforcement",
                "SQLiteStore", "AWSClient", "BedrockUsage", "Ingestion", "AWSTasks", "Notifications", "ActivityWorker",
                "StatesAPI",
                arguments, hummingbird, lifecycle, logging, yams,
            ], linking: allocator),
        program(
            "workflowctl",
            [
                "JSONModel", "WallTime", "JSONPath", "JSONata", "StatesLanguage", "Interpreter", "Scenarios",
                "Engine", "SQLiteStore", "AWSClient",
                arguments, logging, yams,
            ]),

        // Side: for tests, never shipped
        module(
            "TestKit",
            ["JSONModel", "WallTime", "StatesLanguage", "Interpreter", "Budgets", "Engine", "Enforcement", "CZlib"]),
        module(
            "Simulator",
            [
                "JSONModel", "WallTime", "StatesLanguage", "Interpreter", "Budgets", "Engine", "Enforcement",
                "SQLiteStore", "AWSClient", "BedrockUsage", "AWSTasks", "StatesAPI", "TestKit", logging,
            ]),
        program("simulate", ["Simulator", arguments]),

        module("FuzzTargets", ["JSONModel", "WallTime", "JSONPath", "JSONata", "StatesLanguage", "Interpreter"]),
        program(
            "corebench", ["JSONModel", "WallTime", "JSONPath", "JSONata", "StatesLanguage", "Interpreter"]),
        program(
            "enginebench",
            [
                "JSONModel", "WallTime", "StatesLanguage", "Budgets", "Engine", "Enforcement", "SQLiteStore", arguments,
                logging,
            ], linking: allocator),

        tests("JSONModel", ["JSONModel"]),
        tests("WallTime", ["WallTime", "TestKit"]),
        tests("Words", ["JSONModel", "Words"]),
        tests("JSONPath", ["JSONModel", "JSONPath"]),
        tests("JSONata", ["JSONModel", "JSONata"]),
        tests("StatesLanguage", ["JSONModel", "WallTime", "JSONPath", "StatesLanguage"]),
        tests("Interpreter", ["JSONModel", "WallTime", "StatesLanguage", "Interpreter"]),
        tests("Scenarios", ["JSONModel", "WallTime", "StatesLanguage", "Interpreter", "Scenarios"]),
        tests("Budgets", ["WallTime", "Budgets"]),
        tests("Engine", ["JSONModel", "WallTime", "StatesLanguage", "Interpreter", "Engine", "TestKit", logging]),
        tests(
            "Enforcement",
            ["JSONModel", "WallTime", "Words", "Budgets", "Interpreter", "Engine", "Enforcement", "TestKit", logging]),
        tests(
            "SQLiteStore",
            [
                "JSONModel", "WallTime", "Interpreter", "Budgets", "Engine", "Enforcement", "SQLiteStore", "TestKit",
                grdb, logging,
            ], resources: [.copy("Schemas")]),
        tests("Gzip", ["Gzip", "TestKit"]),
        tests(
            "AWSClient", ["JSONModel", "WallTime", "AWSClient", "CCrypto", "TestKit"], resources: [.copy("Vectors")]),
        tests("BedrockUsage", ["JSONModel", "WallTime", "Budgets", "Gzip", "BedrockUsage", "TestKit"]),
        tests(
            "Ingestion",
            [
                "JSONModel", "WallTime", "Budgets", "Engine", "Enforcement", "AWSClient", "BedrockUsage", "Ingestion",
                "TestKit", logging,
            ]),
        tests(
            "AWSTasks",
            [
                "JSONModel", "WallTime", "Words", "StatesLanguage", "Engine", "Interpreter", "AWSClient", "AWSTasks",
                "Simulator", "TestKit",
            ]),
        tests(
            "ActivityWorker",
            ["JSONModel", "WallTime", "Interpreter", "Engine", "AWSClient", "ActivityWorker", "TestKit", logging]),
        tests(
            "Notifications",
            [
                "JSONModel", "WallTime", "Words", "Budgets", "Engine", "Enforcement", "AWSClient", "Notifications",
                "TestKit",
                logging,
            ], resources: [.copy("Peers")]),
        tests(
            "StatesAPI",
            [
                "JSONModel", "WallTime", "StatesLanguage", "Interpreter", "Budgets", "Engine", "Enforcement",
                "AWSClient",
                "StatesAPI", "TestKit", hummingbird, logging,
            ]),
        tests(
            "Simulator",
            [
                "JSONModel", "WallTime", "StatesLanguage", "Interpreter", "Budgets", "Engine", "Enforcement",
                "Simulator",
                "TestKit",
            ]),
        .testTarget(
            name: "Simulation",
            dependencies: [
                "JSONModel", "WallTime", "StatesLanguage", "Interpreter", "Budgets", "Engine", "Enforcement",
                "Simulator",
                "TestKit", logging,
            ], swiftSettings: settings),
        tests(
            "Workflowd",
            [
                "JSONModel", "WallTime", "StatesLanguage", "Budgets", "Engine", "Enforcement", "SQLiteStore",
                "Ingestion",
                "workflowd",
                "TestKit",
                lifecycle, logging,
            ]),
        tests("FuzzTargets", ["FuzzTargets"]),
        tests("Repository", []),
    ] + fuzzers
)
