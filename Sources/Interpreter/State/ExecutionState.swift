package import JSONModel
import StatesLanguage
package import WallTime

/// Where an execution stands: the fold of its history and nothing else.
///
/// Two executions with the same events have equal states, whether the events were applied one by one as they were
/// decided or all at once after a restart.
package struct ExecutionState: Sendable, Equatable {
    /// The id of the last event that the API shows; 0 before the start.
    package internal(set) var lastEventID = 0
    package internal(set) var redriveCount = 0
    /// When it was last redriven; nil if it never was.
    package internal(set) var redrivenAt: Instant?
    /// The input of the execution; null before the start.
    package internal(set) var input = JSONValue.null
    package internal(set) var startedAt: Instant?
    /// How the execution ended; nil while it runs and after a redrive.
    package internal(set) var outcome: Outcome?
    package internal(set) var endedAt: Instant?

    /// The seed of everything random in this execution.
    var seed: UInt64 = 0
    /// When the machine's own `TimeoutSeconds` ends.
    var deadline: Instant?
    /// The last id given to an event of a distributed Map's child workflow; these count down from -1.
    var lastHiddenID = 0
    var frames = FrameTable()
    var nextFrame: FrameID = 1
    /// The frame of every open task.
    var tasks = TaskTable()

    /// Before the first event.
    package static let empty = ExecutionState()

    package var isStarted: Bool { startedAt != nil }

    /// The states that the execution is in, outermost first, with the branch that each belongs to.
    package var currentStates: [(frame: FrameID, name: String)] {
        frames.all.compactMap { frame in frame.visit.map { (frame.id, $0.name) } }
    }

    /// Tasks that were scheduled and have no result, in the order of their scheduling: what a restart dispatches again.
    package var openTasks: [TaskOrder] {
        tasks.ids.sorted { (abs($0), $0) < (abs($1), $1) }.compactMap(order)
    }

    /// The order of a task that is open.
    func order(_ task: TaskID) -> TaskOrder? {
        guard let frame = tasks[task].flatMap({ frames[$0] }), let visit = frame.visit,
            case .task(let open) = visit.activity
        else { return nil }
        return TaskOrder(
            task: task, frame: frame.id, state: visit.name, resource: open.resource, input: input(of: open, frame),
            retryCount: visit.retryCount, entry: visit.entry, deadline: open.deadline,
            heartbeat: open.scheduled.heartbeatSeconds.map { .seconds($0) }, roleARN: open.scheduled.roleARN)
    }

    /// What the task was scheduled with. The writing of a Map's results also gets these, which are recorded already.
    private func input(of open: OpenTask, _ frame: Frame) -> JSONValue {
        guard let join = frame.join, let run = join.mapRun, !open.resource.readsItems,
            var input = open.scheduled.parameters.objectValue
        else { return open.scheduled.parameters }
        let name = input["Transformation"]?.stringValue ?? ""
        input["Transformation"] = nil
        input["MapRunArn"] = .string(run.arn)
        input["Results"] = childResults(of: frame, join, ResultWriter.Transformation(rawValue: name) ?? .none).json
        return .object(input)
    }
}
