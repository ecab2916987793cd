package import Interpreter
package import JSONModel
package import StatesLanguage

/// Carries out what is not an activity: AWS integrations and the like.
///
/// Like a step's `perform` it runs at least once and outside any transaction. For a `.waitForTaskToken` resource what
/// it returns is the answer to the request; the task's result comes later, with the token.
package protocol ResourceHandler: Sendable {
    func handles(_ resource: Resource) -> Bool

    func perform(
        _ resource: Resource, _ context: TaskContext, _ input: JSONValue
    ) async throws(TaskFailure) -> JSONValue
}
