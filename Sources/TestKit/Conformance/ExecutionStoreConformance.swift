package import Engine
import JSONModel
import WallTime

/// What every `ExecutionStore` must do, as named cases that a store's own tests run:
///
///     @Test(arguments: ExecutionStoreConformance<MyStore>.cases)
///     func conforms(_ testCase: ExecutionStoreConformance<MyStore>.Case) async throws {
///         try await testCase.run(MyStore())
///     }
///
/// Each case is given an empty store.
package enum ExecutionStoreConformance<Store: ExecutionStore> {
    package struct Case: Sendable, CustomStringConvertible {
        package let name: String
        package let run: @Sendable (Store) async throws -> Void

        package var description: String { name }

        init(_ name: String, _ run: @escaping @Sendable (Store) async throws -> Void) {
            self.name = name
            self.run = run
        }
    }

    package static var cases: [Case] {
        transactions + machines + executions + journals + parking + schedules + deadLetters + audit + resources
    }

    package typealias Transaction = Store.Transaction

    static var start: Instant { Instant(milliseconds: 1_795_168_800_000) }

    static func definition(_ hash: String) -> MachineDefinition {
        MachineDefinition(
            source: "StartAt: A # \(hash)", json: ["StartAt": "A", "Comment": .string(hash)], hash: hash,
            file: "machines/\(hash).yaml")
    }

    /// A machine with one version and one running execution of it.
    static func seedExecution(
        _ transaction: Transaction, machine: String = "machine", name: String = "run", workflow: String? = nil,
        startedAt: Instant = start
    ) throws -> ExecutionID {
        let version = try transaction.saveStateMachine(name: machine, definition: definition("h"), at: start)
        return try transaction.insertExecution(
            NewExecution(
                stateMachine: machine, version: version.id, name: name, workflow: workflow, startedAt: startedAt))
    }
}

/// A store that does not do what its port says.
package struct ConformanceFailure: Error, CustomStringConvertible {
    package let description: String
}

struct Deliberate: Error, Equatable {}

func require(
    _ condition: @autoclosure () throws -> Bool, _ what: String, line: Int = #line
) throws {
    guard try condition() else { throw ConformanceFailure(description: "\(what) (line \(line) of the suite)") }
}

func requireEqual<Value: Equatable>(_ found: Value, _ expected: Value, _ what: String, line: Int = #line) throws {
    guard found == expected else {
        throw ConformanceFailure(
            description: "\(what): expected \(expected), found \(found) (line \(line) of the suite)")
    }
}

/// - Returns: the error, for a closer look.
@discardableResult
func requireThrows(_ what: String, line: Int = #line, _ body: () throws -> Void) throws -> any Error {
    do {
        try body()
    } catch {
        return error
    }
    throw ConformanceFailure(description: "\(what) should have thrown (line \(line) of the suite)")
}
