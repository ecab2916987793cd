import JSONModel
import StatesLanguage

/// A task's events have other names and members for activities, Lambda functions and service integrations.
extension EventShape {
    enum Family {
        case activity, lambda, integration

        var prefix: String {
            switch self {
            case .activity: "Activity"
            case .lambda: "LambdaFunction"
            case .integration: "Task"
            }
        }

        /// The first part of the name that holds an event's details.
        var detailPrefix: String {
            switch self {
            case .activity: "activity"
            case .lambda: "lambdaFunction"
            case .integration: "task"
            }
        }
    }

    var family: Family {
        switch resource?.kind {
        case .activity: .activity
        case .lambda: .lambda
        case .integration, .unknown, nil: .integration
        }
    }

    var taskDetails: Details? {
        switch kind {
        case .taskScheduled(let task): named("Scheduled", scheduledMembers(task))
        case .taskStarted(_, let worker): startedDetails(worker)
        case .taskStartFailed(_, let failure): named("StartFailed", resourceMembers(errorMembers(failure)))
        case .taskSubmitted(_, let output): named("Submitted", resourceMembers(payload("output", output)))
        case .taskSucceeded(_, let output): named("Succeeded", resourceMembers(payload("output", output)))
        case .taskFailed(_, let failure): named("Failed", resourceMembers(errorMembers(failure)))
        case .taskTimedOut(_, let failure): named("TimedOut", resourceMembers(errorMembers(failure)))
        default: nil
        }
    }

    private func named(_ suffix: String, _ members: JSONObject) -> Details {
        ("\(family.detailPrefix)\(suffix)EventDetails", members)
    }

    private func startedDetails(_ worker: String?) -> Details? {
        switch family {
        case .activity: named("Started", worker.map { ["workerName": .string($0)] } ?? [:])
        case .lambda: nil
        case .integration: named("Started", resourceMembers([:]))
        }
    }

    private func scheduledMembers(_ task: ScheduledTask) -> JSONObject {
        var members: JSONObject
        if family == .integration {
            members = resourceMembers(["parameters": .string(task.parameters.jsonString), "region": .string(region)])
        } else {
            members = payload("input", task.parameters)
            members["resource"] = .string(task.resource)
        }
        members["timeoutInSeconds"] = task.timeoutSeconds.map { .int(Int64($0)) }
        members["heartbeatInSeconds"] = task.heartbeatSeconds.map { .int(Int64($0)) }
        members["taskCredentials"] = task.roleARN.map { ["roleArn": .string($0)] }
        return members
    }

    /// Integrations repeat what was called in every event: `sendMessage.waitForTaskToken` of `sqs`.
    private func resourceMembers(_ members: JSONObject) -> JSONObject {
        guard family == .integration, let resource else { return members }
        var members = members
        if case .integration(let service, let action) = resource.kind {
            members["resourceType"] = .string(service)
            members["resource"] = .string(action + resource.pattern.rawValue)
        } else {
            members["resource"] = .string(resource.text)
        }
        return members
    }
}
