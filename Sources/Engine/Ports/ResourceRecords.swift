package import JSONModel
package import StatesLanguage
package import WallTime

/// What a revision of a state machine has besides its definition. The configurations are kept as the API was given them.
package struct MachineSettings: Sendable, Hashable {
    package var type: StateMachineType
    /// Nil for the account's standing role.
    package var roleARN: String?
    package var logging: JSONValue?
    package var tracing: JSONValue?
    package var encryption: JSONValue?

    package static let standard = MachineSettings()

    package init(
        type: StateMachineType = .standard, roleARN: String? = nil, logging: JSONValue? = nil,
        tracing: JSONValue? = nil, encryption: JSONValue? = nil
    ) {
        self.type = type
        self.roleARN = roleARN
        self.logging = logging
        self.tracing = tracing
        self.encryption = encryption
    }
}

/// A revision that was published under a number, which is never given again.
package struct PublishedVersion: Sendable, Equatable {
    package var stateMachine: String
    package var number: Int
    package var revision: StateMachineVersionID
    package var description: String?
    package var createdAt: Instant

    package init(
        stateMachine: String, number: Int, revision: StateMachineVersionID, description: String?, createdAt: Instant
    ) {
        self.stateMachine = stateMachine
        self.number = number
        self.revision = revision
        self.description = description
        self.createdAt = createdAt
    }
}

/// A name for one or two published versions, between which executions are shared out by weight.
package struct StateMachineAlias: Sendable, Equatable {
    package struct Route: Sendable, Hashable {
        /// The published version's number.
        package var version: Int
        /// Percent of the executions.
        package var weight: Int

        package init(version: Int, weight: Int) {
            self.version = version
            self.weight = weight
        }
    }

    package var stateMachine: String
    package var name: String
    package var description: String?
    package var routes: [Route]
    package var createdAt: Instant
    package var updatedAt: Instant

    package init(
        stateMachine: String, name: String, description: String?, routes: [Route], createdAt: Instant,
        updatedAt: Instant
    ) {
        self.stateMachine = stateMachine
        self.name = name
        self.description = description
        self.routes = routes
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

package struct ResourceTag: Sendable, Hashable {
    package var key: String
    package var value: String

    package init(key: String, value: String) {
        self.key = key
        self.value = value
    }
}

/// An activity that workers elsewhere poll.
package struct ActivityRecord: Sendable, Equatable {
    package var name: String
    package var encryption: JSONValue?
    package var createdAt: Instant

    package init(name: String, encryption: JSONValue?, createdAt: Instant) {
        self.name = name
        self.encryption = encryption
        self.createdAt = createdAt
    }
}

/// A task of an activity that no worker has taken yet.
package struct OfferedTask: Sendable, Equatable {
    /// Where a task stands in the queue of its activity: that is all a store needs to find it, so that it keeps one row
    /// for each and no index beside.
    package struct Place: Sendable, Equatable {
        package var activity: String
        /// When it was scheduled. Who has waited longest is first; of those of one moment, who has the smaller numbers.
        package var since: Instant
        package var execution: ExecutionID
        /// The id of the event that scheduled it.
        package var task: Int

        package init(activity: String, since: Instant, execution: ExecutionID, task: Int) {
            self.activity = activity
            self.since = since
            self.execution = execution
            self.task = task
        }
    }

    package var place: Place
    package var input: JSONValue

    package init(place: Place, input: JSONValue) {
        self.place = place
        self.input = input
    }

    package var activity: String { place.activity }
    package var execution: ExecutionID { place.execution }
    package var task: Int { place.task }
}

/// An execution whose end another one has to do with: a Task of it started the child and waits for its end, or the
/// child's stop has been decided and is owed until the child has ended.
package struct NestedExecution: Sendable, Equatable {
    package var child: ExecutionID
    package var parent: ExecutionID
    /// The parent's task that waits: the id of the event that scheduled it. Or why the child is to end.
    package var task: Int

    // Numbers that no task has: an execution's first events are its start and the entry of its first state.
    /// In place of a task: it waits no more, the child is to end.
    package static let unwanted = 0
    /// In place of a task: the parent replaces the child, which is to end.
    package static let superseded = 1

    package init(child: ExecutionID, parent: ExecutionID, task: Int) {
        self.child = child
        self.parent = parent
        self.task = task
    }

    /// Whether a task waits for the child's end.
    package var isAwaited: Bool { task != Self.unwanted && task != Self.superseded }
}

/// Which execution a Map Run belongs to.
package struct MapRunRecord: Sendable, Equatable {
    package var arn: String
    /// `MACHINE/LABEL`.
    package var label: String
    package var execution: ExecutionID

    package init(arn: String, label: String, execution: ExecutionID) {
        self.arn = arn
        self.label = label
        self.execution = execution
    }
}
