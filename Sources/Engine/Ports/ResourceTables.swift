package import WallTime

/// The rows of what clients of the Step Functions API make besides executions. Part of `ExecutionTransaction`.
package protocol ResourceTables: AnyObject {
    /// Takes a state machine away: it is no longer found by name, its published versions, aliases and tags are gone.
    /// Its executions stay. Saving a definition under the name makes it anew, with revisions that count on.
    func deleteStateMachine(named name: String, at: Instant) throws
    /// The machine of that name that was deleted while some of its executions run on; nil when there is none, or it
    /// was made anew.
    func deletingStateMachine(named name: String) throws -> StateMachineRecord?
    /// How many state machines there are, without those that were deleted.
    func stateMachineCount() throws -> Int

    // Published versions
    /// Publishes a revision under the next number; numbers are not given twice, whatever is deleted.
    func publishVersion(
        of stateMachine: String, revision: StateMachineVersionID, description: String?, at: Instant
    ) throws -> PublishedVersion
    func publishedVersion(_ number: Int, of stateMachine: String) throws -> PublishedVersion?
    /// The newest first.
    func publishedVersions(of stateMachine: String) throws -> [PublishedVersion]
    func deletePublishedVersion(_ number: Int, of stateMachine: String) throws

    // Aliases
    func alias(named name: String, of stateMachine: String) throws -> StateMachineAlias?
    /// By name.
    func aliases(of stateMachine: String) throws -> [StateMachineAlias]
    /// Adds an alias, or replaces the one of its name.
    func saveAlias(_ alias: StateMachineAlias) throws
    func deleteAlias(named name: String, of stateMachine: String) throws

    // Tags, by ARN, in the order in which they were given
    func tags(of resource: String) throws -> [ResourceTag]
    /// Replaces all tags of the resource.
    func saveTags(_ tags: [ResourceTag], of resource: String) throws

    // Activities
    func activity(named name: String) throws -> ActivityRecord?
    /// By name.
    func activities() throws -> [ActivityRecord]
    func activityCount() throws -> Int
    func insertActivity(_ activity: ActivityRecord) throws
    func deleteActivity(named name: String) throws

    // Tasks that wait for a worker
    func offerTask(_ task: OfferedTask) throws
    /// The task is no longer on offer; nothing when it was not.
    func withdrawTask(_ place: OfferedTask.Place) throws
    /// The longest on offer first.
    func offeredTasks(of activity: String, limit: Int) throws -> [OfferedTask]

    // The text of an execution's input, where it is not the engine's own spelling of it
    func saveInputText(_ text: String, of execution: ExecutionID) throws
    func inputText(of execution: ExecutionID) throws -> String?

    // Executions that a Task started and waits for, and those whose stop is owed
    /// - Precondition: the child has no row yet.
    func insertNested(_ nested: NestedExecution) throws
    func nested(_ child: ExecutionID) throws -> NestedExecution?
    /// Those of the execution's tasks, and those that it replaces.
    func nested(of parent: ExecutionID) throws -> [NestedExecution]
    /// Those that have ended, of which their parents have not been told.
    func endedNested() throws -> [NestedExecution]
    /// Those that run while their parents run and wait for them.
    func awaitedNested() throws -> [NestedExecution]
    /// Those that run though they are to end, or their parents have ended.
    func orphanedNested() throws -> [NestedExecution]
    func removeNested(_ child: ExecutionID) throws

    // Map Runs
    func insertMapRun(_ run: MapRunRecord) throws
    func mapRun(_ arn: String) throws -> MapRunRecord?
    /// Those of a label (`MACHINE/LABEL`), the newest first.
    func mapRuns(labelled label: String) throws -> [MapRunRecord]
    /// The newest first.
    func mapRuns(of execution: ExecutionID) throws -> [MapRunRecord]
}

extension ExecutionTransaction {
    /// Saves a definition with the settings that the machine has, or the standard ones.
    package func saveStateMachine(
        name: String, definition: MachineDefinition, at now: Instant
    ) throws -> StateMachineVersion {
        try saveStateMachine(name: name, definition: definition, settings: nil, at: now)
    }
}
