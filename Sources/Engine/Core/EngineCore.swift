/// The engine's synchronous, transactional part.
package final class EngineCore<Transaction: ExecutionTransaction>: Sendable {
}
enum Effect: Sendable {
}
