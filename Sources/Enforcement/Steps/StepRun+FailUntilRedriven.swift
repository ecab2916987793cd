import Engine
import Interpreter
import JSONModel

extension StepRun {
    /// `fail-until-redriven`: fails with the `failure` (`Error`, `Cause`) that a `Catch` kept, until the execution has
    /// been redriven since: then it succeeds, and the state machine goes on from here.
    ///
    /// A `Fail` state would end the execution just as well, but a redrive would only run it again.
    func failUntilRedriven() throws -> JSONValue {
        let before = try reader.integer("redrivesBefore")
        let now = try reader.integer("redrivesNow")
        guard let error = input["failure"]?["Error"]?.stringValue else {
            throw InvalidRequest(member: "failure", problem: "has to hold Error and Cause")
        }
        guard now > before else {
            throw TaskFailure(error: error, cause: input["failure"]?["Cause"]?.stringValue ?? "")
        }
        return ["redrives": .int(now)]
    }
}
