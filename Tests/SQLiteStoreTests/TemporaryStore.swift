import Engine
import Foundation
import JSONModel
import Logging
import SQLiteStore
import WallTime

/// A directory for one test, removed after it.
func withDirectory<Result>(_ body: (String) async throws -> Result) async throws -> Result {
    let path = NSTemporaryDirectory() + "steward-store-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(path)
}

/// A store in a directory of its own, closed after the test.
func withStore<Result>(
    options: SQLiteStoreOptions = SQLiteStoreOptions(), _ body: (SQLiteStore) async throws -> Result
) async throws -> Result {
    try await withDirectory { path in
        let store = try openStore(path, options: options)
        do {
            let result = try await body(store)
            await store.close()
            return result
        } catch {
            await store.close()
            throw error
        }
    }
}

/// A store that logs nothing.
func openStore(
    _ directory: String, options: SQLiteStoreOptions = SQLiteStoreOptions()
) throws(StoreError) -> SQLiteStore {
    try SQLiteStore.open(directory: directory, options: options, logger: quiet)
}

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

let start = Instant(milliseconds: 1_795_168_800_000)

/// A machine with one version and one running execution of it.
func seedExecution(
    _ transaction: SQLiteTransaction, machine: String = "machine", name: String, workflow: String? = nil,
    startedAt: Instant = start
) throws -> ExecutionID {
    let definition = MachineDefinition(source: "StartAt: A", json: ["StartAt": "A"], hash: "h")
    let version = try transaction.saveStateMachine(name: machine, definition: definition, at: start)
    return try transaction.insertExecution(
        NewExecution(
            stateMachine: machine, version: version.id, name: name, workflow: workflow, startedAt: startedAt))
}

/// The error of a test's own.
struct Deliberate: Error, Equatable {}
