import Engine
import Foundation
import Logging
import SQLiteStore
import StatesLanguage
import Testing
import WallTime

@testable import workflowd

@Suite struct DefinitionLoaderTests {
    /// A loader of two folders, on a store of its own.
    private struct Bench {
        let directory: String
        let engine: Engine<SQLiteStore>
        let loader: DefinitionLoader<SQLiteStore>

        func write(_ file: String, _ text: String) throws {
            try Data(text.utf8).write(to: URL(filePath: "\(directory)/\(file)"))
        }
    }

    private static let machine = #"{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}"#

    private static func workflow(_ description: String) -> String {
        "name: nightly\ndescription: \(description)\nstateMachine: greet\non: {schedule: {expression: rate(1 day)}}\n"
    }

    private func with(_ body: (Bench) async throws -> Void) async throws {
        let directory = NSTemporaryDirectory() + "steward-loader-\(UUID().uuidString)"
        for folder in ["data", "machines", "workflows"] {
            try FileManager.default.createDirectory(
                atPath: "\(directory)/\(folder)", withIntermediateDirectories: true)
        }
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let store = try SQLiteStore.open(directory: "\(directory)/data", options: SQLiteStoreOptions(), logger: quiet)
        let engine = Engine(store: store, clock: .system, seed: 7, logger: quiet)
        let loader = DefinitionLoader(
            engine: engine, stateMachines: "\(directory)/machines", workflows: "\(directory)/workflows", logger: quiet)
        let result = await Result { try await body(Bench(directory: directory, engine: engine, loader: loader)) }
        await store.close()
        try result.get()
    }

    /// A copy that somebody keeps beside the file they edit must not keep the daemon from starting, nor take its place.
    @Test func aCopyOfAWorkflowIsAProblemAndNoMore() async throws {
        try await with { bench in
            try bench.write("machines/greet.asl.json", Self.machine)
            try bench.write("workflows/nightly-copy.yaml", Self.workflow("the copy"))
            try bench.write("workflows/nightly.yaml", Self.workflow("the original"))
            try bench.write("workflows/zz.yaml", Self.workflow("another"))

            try await bench.loader.load(force: true)

            let problems = await bench.loader.problems
            #expect(problems.map(\.code) == ["F114", "F114"])
            #expect(
                problems.map { $0.file.map { URL(filePath: $0).lastPathComponent } } == [
                    "nightly-copy.yaml", "zz.yaml",
                ])
            #expect(bench.engine.workflows.map(\.description) == ["the original"])
        }
    }

    @Test func aSecondFileOfAStateMachineMakesNoVersions() async throws {
        try await with { bench in
            try bench.write("machines/greet.asl.json", Self.machine)
            try bench.write("machines/greet.asl.yaml", "StartAt: F\nStates: {F: {Type: Fail}}\n")

            try await bench.loader.load(force: true)
            try await bench.loader.load(force: true)

            #expect(await bench.loader.problems.map(\.code) == ["F114"])
            let machine = try await bench.engine.read { try $0.stateMachine(named: "greet") }
            #expect(machine?.current.number == 1)
        }
    }

    /// SIGHUP, while the folders are looked at every second.
    @Test func loadsAskedForAtOnceAreDoneOneAfterTheOther() async throws {
        try await with { bench in
            try bench.write("machines/a.asl.json", Self.machine)
            try bench.write("machines/b.asl.json", "{}")

            async let first: Void = bench.loader.load(force: true)
            async let second: Void = bench.loader.load(force: true)
            _ = try await (first, second)

            #expect(await bench.loader.problems.count == 1)
        }
    }

    @Test func oneFolderForBothIsRefused() async throws {
        _ = try await SettingsFile.with("{stateMachines: ./definitions, workflows: definitions/}") { file in
            #expect(throws: ConfigurationError.self) { try file.read() }
        }
    }
}
