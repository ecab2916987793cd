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
        let loader: DefinitionLoader
        let owners: LockedBox<[String: String]>
        /// What the log says of refused files.
        let refusals: LockedBox<[String]>

        /// The loader of a daemon that was started again.
        func restarted() -> DefinitionLoader {
            DefinitionLoaderTests.loader(directory, engine, owners: owners, refusals: refusals)
        }

        func write(_ file: String, _ text: String) throws {
            try Data(text.utf8).write(to: URL(filePath: "\(directory)/\(file)"))
        }
    }

    private static let machine = #"{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}"#

    private static func workflow(_ description: String) -> String {
        "name: nightly\ndescription: \(description)\nstateMachine: greet\non: {schedule: {expression: rate(1 day)}}\n"
    }

    private static func loader(
        _ directory: String, _ engine: Engine<SQLiteStore>, owners: LockedBox<[String: String]>,
        refusals: LockedBox<[String]>
    ) -> DefinitionLoader {
        DefinitionLoader(
            engine: engine, stateMachines: "\(directory)/machines", workflows: "\(directory)/workflows", owners: owners,
            logger: Logger(label: "test") { _ in RefusalLog(refusals: refusals) })
    }

    /// Notes errors, and nothing else.
    private struct RefusalLog: LogHandler {
        let refusals: LockedBox<[String]>
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.error

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { refusals.withLock { $0.append("\(event.message)") } }
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
        let (owners, refusals) = (LockedBox<[String: String]>([:]), LockedBox<[String]>([]))
        let bench = Bench(
            directory: directory, engine: engine,
            loader: Self.loader(directory, engine, owners: owners, refusals: refusals), owners: owners,
            refusals: refusals)
        let result = await Result { try await body(bench) }
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

    /// Only what is gone, or turned off, is: a file that is broken for a while, or lacks its machine, will be mended.
    @Test(
        arguments: [
            (nil, false), ("{", true), ("name: nightly\nstateMachine: greet\nonn: {}\n", true),
            ("name: daily\nstateMachine: greet\nonn: {}\n", false), (workflow("whole"), true),
            ("name: nightly\nstateMachine: greeet\non: {schedule: {expression: rate(1 day)}}\n", true),
        ] as [(String?, Bool)])
    func aScheduleThatIsNotThereAtTheStartIsNotInForce(_ text: String?, _ goesOn: Bool) async throws {
        try await with { bench in
            try bench.write("machines/greet.asl.json", Self.machine)
            let state = ScheduleState(
                workflow: "nightly", expression: "rate(1 day) UTC", nextFire: Instant(milliseconds: 86_400_000_000_000))
            _ = try await bench.engine.transact { try $0.transaction.saveScheduleState(state) }
            if let text { try bench.write("workflows/nightly.yaml", text) }

            try await bench.loader.load(force: true)

            let found = try await bench.engine.read { try $0.scheduleState("nightly") }
            #expect((found?.nextFire != nil) == goesOn)
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

    private static func machine(_ result: Int) -> String {
        #"{"StartAt":"P","States":{"P":{"Type":"Pass","Result":\#(result),"End":true}}}"#
    }

    private static func version(_ bench: Bench) async throws -> StateMachineVersion? {
        try await bench.engine.read { try $0.stateMachine(named: "greet")?.current }
    }

    /// As in a folder that Kubernetes mounts: the links stay, and what they lead to is another file.
    @Test func anEditBehindALinkIsNoticed() async throws {
        try await with { bench in
            for number in 1...2 {
                try FileManager.default.createDirectory(
                    atPath: "\(bench.directory)/\(number)", withIntermediateDirectories: true)
                try bench.write("\(number)/greet.asl.json", Self.machine(number))
            }
            let (link, data) = ("\(bench.directory)/machines/greet.asl.json", "\(bench.directory)/..data")
            try FileManager.default.createSymbolicLink(atPath: data, withDestinationPath: "1")
            try FileManager.default.createSymbolicLink(
                atPath: link, withDestinationPath: "../..data/greet.asl.json")
            try await bench.loader.load(force: true)
            #expect(try await Self.version(bench)?.number == 1)

            try FileManager.default.removeItem(atPath: data)
            try FileManager.default.createSymbolicLink(atPath: data, withDestinationPath: "2")
            try await bench.loader.load(force: false)
            #expect(try await Self.version(bench)?.number == 2)

            try bench.write("2/greet.asl.json", Self.machine(3))
            try await bench.loader.load(force: false)
            #expect(try await Self.version(bench)?.number == 3)
        }
    }

    @Test func aFileThatIsNotValidTakesNoNameFromOneThatIs() async throws {
        try await with { bench in
            try bench.write("machines/greet.asl.json", "{")
            try bench.write("machines/greet.asl.yaml", Self.machine)
            try await bench.loader.load(force: true)
            #expect(try await Self.version(bench)?.number == 1)
            #expect(await bench.loader.problems.map { $0.file?.hasSuffix("greet.asl.json") } == [true])

            // What is in force stays so while its file is being edited, whatever stands beside it.
            try bench.write("machines/greet.asl.json", Self.machine(1))
            try bench.write("machines/greet.asl.yaml", "StartAt: [")
            try await bench.loader.load(force: false)
            #expect(try await Self.version(bench)?.number == 1)
            #expect(await bench.loader.problems.map(\.code).sorted() == ["E001", "F114"])

            // With one of the two gone the other holds.
            try FileManager.default.removeItem(atPath: "\(bench.directory)/machines/greet.asl.yaml")
            try await bench.loader.load(force: false)
            #expect(try await Self.version(bench)?.number == 2)
            #expect(await bench.loader.problems.isEmpty)
        }
    }

    @Test func aFolderThatIsGoneIsAProblemAndHoldsUpNoOther() async throws {
        try await with { bench in
            try bench.write("machines/greet.asl.json", Self.machine)
            try bench.write("workflows/nightly.yaml", Self.workflow("first"))
            try await bench.loader.load(force: true)
            let (folder, away) = ("\(bench.directory)/machines", "\(bench.directory)/away")
            try FileManager.default.moveItem(atPath: folder, toPath: away)

            try bench.write("workflows/nightly.yaml", Self.workflow("second"))
            try await bench.loader.load(force: false)
            #expect(await bench.loader.problems.map(\.code) == ["F115"])
            #expect(bench.engine.workflows.map(\.description) == ["second"])

            _ = try await bench.engine.applyStateMachine(name: "greet", source: Self.machine(2))
            try FileManager.default.moveItem(atPath: away, toPath: folder)
            try await bench.loader.load(force: false)
            #expect(await bench.loader.problems.isEmpty)
            #expect(try await Self.version(bench)?.number == 2)
        }
    }

    @Test func aFolderThatIsNotThereKeepsTheDaemonFromStarting() async throws {
        try await with { bench in
            try FileManager.default.removeItem(atPath: "\(bench.directory)/workflows")
            await #expect(throws: DaemonError.self) { try await bench.loader.load(force: true) }
        }
    }

    @Test func aFileThatHasNotChangedTakesBackNoDefinitionOfAnother() async throws {
        try await with { bench in
            try bench.write("machines/greet.asl.json", Self.machine(1))
            try await bench.loader.load(force: true)
            _ = try await bench.engine.applyStateMachine(name: "greet", source: Self.machine(2))

            try bench.write("machines/other.asl.json", Self.machine)
            try await bench.loader.load(force: false)
            #expect(try await Self.version(bench)?.number == 2)

            try bench.write("machines/greet.asl.json", Self.machine(3))
            try await bench.loader.load(force: false)
            #expect(try await Self.version(bench)?.number == 3)
        }
    }

    /// Of what is no folder Foundation says that it is an empty one.
    @Test(arguments: ["a file", "a pipe", "a device"])
    func whatTakesAFoldersPlaceUnbindsNothing(_ kind: String) async throws {
        try await with { bench in
            try bench.write("machines/greet.asl.json", Self.machine)
            try bench.write("workflows/nightly.yaml", Self.workflow("first"))
            try await bench.loader.load(force: true)
            let folder = "\(bench.directory)/workflows"
            try FileManager.default.moveItem(atPath: folder, toPath: "\(bench.directory)/away")
            switch kind {
            case "a file": try bench.write("workflows", "x")
            case "a pipe": #expect(mkfifo(folder, 0o600) == 0)
            default: try FileManager.default.createSymbolicLink(atPath: folder, withDestinationPath: "/dev/null")
            }

            for force in [false, true] {
                try await bench.loader.load(force: force)
                #expect(await bench.loader.problems.map(\.code) == ["F115"])
                #expect(await bench.loader.problems.first?.message.contains("it is \(kind), no folder") == true)
                #expect(bench.engine.workflows.map(\.description) == ["first"])
            }
            await #expect(throws: DaemonError.self) { try await bench.restarted().load(force: true) }
        }
    }

    @Test func aStateMachineBelongsToItsFileWhileThatIsThere() async throws {
        try await with { bench in
            try bench.write("machines/greet.asl.json", Self.machine(1))
            try bench.write("machines/other.asl.json", Self.machine)
            try await bench.loader.load(force: true)
            let greet = "\(bench.directory)/machines/greet.asl.json"
            let other = "\(bench.directory)/machines/other.asl.json"
            #expect(bench.owners.withLock { $0 } == ["greet": greet, "other": other])

            try bench.write("machines/greet.asl.json", "{")
            try FileManager.default.removeItem(atPath: other)
            try await bench.loader.load(force: false)
            #expect(bench.owners.withLock { $0 } == ["greet": greet])
            #expect(try await bench.engine.read { try $0.stateMachines().map(\.name) } == ["greet", "other"])
        }
    }

    @Test func aWorkflowWithAnErrorKeepsWhatWasLoadedBeforeOverARestart() async throws {
        try await with { bench in
            try bench.write("machines/greet.asl.json", Self.machine)
            try bench.write("workflows/nightly.yaml", Self.workflow("first"))
            try await bench.loader.load(force: true)
            try bench.write("workflows/nightly.yaml", Self.workflow("second") + "overlapp: skip\n")
            try bench.write("workflows/new.yaml", "name: new\n")

            let second = bench.restarted()
            try await second.load(force: true)
            #expect(bench.engine.workflows.map(\.description) == ["first"])
            #expect(await second.problems.map(\.code).sorted() == ["F102", "F103"])
            // The new one comes first, by its name.
            #expect(
                bench.refusals.withLock { $0 } == [
                    "a file was refused; nothing of it is in force",
                    "a file was refused; what was loaded before stays in force",
                ])

            // Once its file is gone, so is the workflow.
            try FileManager.default.removeItem(atPath: "\(bench.directory)/workflows/nightly.yaml")
            try await second.load(force: false)
            try bench.write("workflows/nightly.yaml", "name: [")
            try await bench.restarted().load(force: true)
            #expect(bench.engine.workflows.isEmpty)
        }
    }

    @Test func aWorkflowIsBoundOnceItsStateMachineIsThere() async throws {
        try await with { bench in
            try bench.write("workflows/nightly.yaml", Self.workflow("first"))
            try await bench.loader.load(force: true)
            try await bench.loader.load(force: false)
            #expect(await bench.loader.problems.map(\.code) == ["F111"])
            #expect(bench.engine.workflows.isEmpty)

            _ = try await bench.engine.applyStateMachine(name: "greet", source: Self.machine)
            try await bench.loader.load(force: false)
            #expect(await bench.loader.problems.isEmpty)
            #expect(bench.engine.workflows.map(\.description) == ["first"])
        }
    }

    @Test func whatIsNoDefinitionIsSaidAndHoldsUpNoOther() async throws {
        try await with { bench in
            #expect(mkfifo("\(bench.directory)/machines/a.asl.yaml", 0o600) == 0)
            try bench.write("machines/b.asl.yaml", "")
            #expect(truncate("\(bench.directory)/machines/b.asl.yaml", 600_000_000) == 0)
            try bench.write("machines/greet.asl.json", Self.machine)
            try FileManager.default.createSymbolicLink(
                atPath: "\(bench.directory)/workflows/w.yaml", withDestinationPath: "/dev/zero")

            try await bench.loader.load(force: true)
            #expect(await bench.loader.problems.map(\.code) == ["F112", "E005", "F112"])
            #expect(
                await bench.loader.problems.map(\.message) == [
                    "the file can't be read: it is a pipe",
                    "the file has more than 1048576 bytes, the most that a definition may have",
                    "the file can't be read: it is a device",
                ])
            #expect(try await Self.version(bench)?.number == 1)
        }
    }

    @Test func oneFolderForBothIsRefused() async throws {
        _ = try await SettingsFile.with("{stateMachines: ./definitions, workflows: definitions/}") { file in
            #expect(throws: ConfigurationError.self) { try file.read() }
        }
    }
}
