/// One index of executions for all lists (ADR 0020), where there were three: of a machine, of all machines, of those that
/// have work under way. Each changed another page or two at every start and every end.
enum ExecutionIndexSchema {
    /// `parked` is 1 only of running executions: theirs are two places, those of all others one.
    static let statements = """
        DROP INDEX executionByStatus;
        DROP INDEX executionLive;
        DROP INDEX executionByMachine;
        CREATE INDEX executionByMachine ON execution (stateMachine, status, parked, startedAt);
        """
}
