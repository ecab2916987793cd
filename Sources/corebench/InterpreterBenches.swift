import Interpreter
import JSONModel
import StatesLanguage
import WallTime

/// The interpreter without a store: whole executions in virtual time, in states a second.
func interpreterBenches() throws -> [Bench] {
    let chain = (0..<100).map { "  S\($0): {Type: Pass, \($0 < 99 ? "Next: S\($0 + 1)" : "End: true")}\n" }
    let items = JSONValue.array((0..<1000).map { ["number": .int(Int64($0)), "name": .string("item \($0)")] })
    return [
        try bench("interpreter: chain of 100 Pass", 100, "StartAt: S0\nStates:\n" + chain.joined(), input: ["a": 1]),
        try bench(
            "interpreter: Choice loop of 1,000", 2_002,
            """
            StartAt: Init
            States:
              Init: {Type: Pass, Result: {i: 0}, Next: Check}
              Check: {Type: Choice, Choices: [{Variable: $.i, NumericLessThan: 1000, Next: Add}], Default: Done}
              Add: {Type: Pass, Parameters: {i.$: "States.MathAdd($.i, 1)"}, Next: Check}
              Done: {Type: Succeed}
            """, input: [:]),
        try bench(
            "interpreter: Map of 1,000 items", 1_001,
            "StartAt: M\nStates: {M: {Type: Map, ItemProcessor: {StartAt: P, States: {P: {Type: Pass, End: true}}}, End: true}}",
            input: items),
        try bench(
            "interpreter: Map of 1,000 tasks, distributed", 1_001,
            """
            StartAt: M
            States:
              M:
                Type: Map
                ItemProcessor:
                  ProcessorConfig: {Mode: DISTRIBUTED, ExecutionType: STANDARD}
                  StartAt: T
                  States: {T: {Type: Task, Resource: activity:work, End: true}}
                End: true
            """, input: items),
    ]
}

private func bench(_ name: String, _ states: Int, _ definition: String, input: JSONValue) throws -> Bench {
    let reading = StateMachineReader.read(definition, file: nil)
    guard let machine = reading.machine else { throw RefusedDefinition(diagnostics: reading.diagnostics) }
    return Bench(name, .times(states, of: "states")) {
        keep(try VirtualRun.run(machine, input: input, mock: { .success($0.input) }).outcome)
    }
}

private struct RefusedDefinition: Error {
    let diagnostics: [Diagnostic]
}
