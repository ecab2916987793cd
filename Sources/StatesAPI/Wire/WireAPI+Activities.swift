import Engine
import Interpreter
import JSONModel
import WallTime

/// Activities, their workers, and what a task token is good for.
extension WireAPI {
    func activityOperation(_ name: String) -> Operation? {
        switch name {
        case "CreateActivity": createActivity
        case "DescribeActivity": describeActivity
        case "DeleteActivity": deleteActivity
        case "ListActivities": listActivities
        case "GetActivityTask": getActivityTask
        case "SendTaskSuccess": sendTaskSuccess
        case "SendTaskFailure": sendTaskFailure
        case "SendTaskHeartbeat": sendTaskHeartbeat
        default: nil
        }
    }

    // MARK: Activities

    private func createActivity(_ parameters: WireParameters) async throws -> JSONObject {
        let name = parameters.string("name")
        let tags = WireTags.read(parameters)
        let configuration = MachineConfiguration(parameters)
        try parameters.check()
        try Self.validate(name: name)
        let encryption = try configuration.checked().encryption
        let arn = activityARN(name)
        let checkedTags = try WireTags.merged([], tags ?? [])
        let actor = asker(parameters)
        let activity = try await engine.transact { work in
            if let existing = try work.transaction.activity(named: name) {
                guard existing.encryption == encryption else {
                    throw WireError(
                        "ActivityAlreadyExists", "Activity Already Exists: '\(arn)' has another encryptionConfiguration"
                    )
                }
                return existing
            }
            guard try work.transaction.activityCount() < self.quotas.activities else {
                throw WireError(
                    "ActivityLimitExceeded",
                    "Activity Limit Exceeded: \(self.quotas.activities) activities are registered")
            }
            let activity = ActivityRecord(name: name, encryption: encryption, createdAt: work.now)
            try work.transaction.insertActivity(activity)
            try work.transaction.saveTags(checkedTags, of: arn)
            try work.audit("activity.created", by: actor, subject: arn)
            return activity
        }
        return ["activityArn": .string(arn), "creationDate": .timestamp(activity.createdAt)]
    }

    private func describeActivity(_ parameters: WireParameters) async throws -> JSONObject {
        let name = try activityName(parameters)
        guard let activity = try await engine.read({ try $0.activity(named: name) }) else {
            throw WireError.noActivity(activityARN(name))
        }
        return entry(of: activity)
    }

    private func deleteActivity(_ parameters: WireParameters) async throws -> JSONObject {
        let name = try activityName(parameters)
        try await engine.deleteActivity(name, by: asker(parameters))
        try await engine.transact { try $0.transaction.saveTags([], of: self.activityARN(name)) }
        return [:]
    }

    private func listActivities(_ parameters: WireParameters) async throws -> JSONObject {
        let size = Self.pageSize(parameters)
        let token = parameters.optionalString("nextToken", min: 1, max: 1024)
        try parameters.check()
        let pages = PageToken(list: "ListActivities")
        let position = try pages.position(in: token)
        let activities = try await engine.read { try $0.activities() }
        let page = activities.page(after: position, limit: size, key: { $0.name }, precedes: <)
        var answer: JSONObject = ["activities": .array(page.elements.map { .object(entry(of: $0)) })]
        answer["nextToken"] = page.next.map { .string(pages.text(after: $0)) }
        return answer
    }

    private func activityARN(_ name: String) -> String { arn("activity", name) }

    private func entry(of activity: ActivityRecord) -> JSONObject {
        var object: JSONObject = [
            "activityArn": .string(activityARN(activity.name)), "name": .string(activity.name),
            "creationDate": .timestamp(activity.createdAt),
        ]
        object["encryptionConfiguration"] = activity.encryption
        return object
    }

    private func activityName(_ parameters: WireParameters) throws -> String {
        let text = parameters.string("activityArn", max: 256)
        try parameters.check()
        let arn = try WireARN(text)
        guard case .activity(let name) = arn.resource else { throw arn.misplaced() }
        guard isLocal(arn) else { throw WireError.noActivity(text) }
        return name
    }

    // MARK: Workers

    /// AWS holds a poll for a minute. No thread is held: the request waits as a continuation.
    private func getActivityTask(_ parameters: WireParameters) async throws -> JSONObject {
        let worker = parameters.optionalString("workerName", min: 1, max: 80)
        let name = try activityName(parameters)
        guard engine.pollerCount(of: name) < quotas.pollers else {
            throw WireError(
                "ActivityWorkerLimitExceeded",
                "Activity Worker Limit Exceeded: \(quotas.pollers) workers poll \(activityARN(name)) already")
        }
        do {
            let deadline = clock.now() + .seconds(60)
            guard let task = try await engine.nextActivityTask(name, worker: worker, deadline: deadline) else {
                return ["taskToken": .null]
            }
            return ["taskToken": .string(task.token), "input": .text(task.input)]
        } catch EngineError.noSuchActivity {
            throw WireError.noActivity(activityARN(name))
        }
    }

    private func sendTaskSuccess(_ parameters: WireParameters) async throws -> JSONObject {
        let token = parameters.string("taskToken", max: 2048)
        let text = parameters.optionalString("output", max: Self.payloadLimit)
        if text == nil { parameters.requireMember("output") }
        try parameters.check()
        let output: JSONValue
        do {
            output = try JSONValue(parsing: text ?? "")
        } catch {
            throw WireError("InvalidOutput", "Invalid Output: '\(error.message)'")
        }
        try await engine.completeTask(token: token, .success(output))
        return [:]
    }

    private func sendTaskFailure(_ parameters: WireParameters) async throws -> JSONObject {
        let token = parameters.string("taskToken", max: 2048)
        let error = parameters.optionalString("error", max: 256)
        let cause = parameters.optionalString("cause", max: 32_768)
        try parameters.check()
        try await engine.completeTask(token: token, .failure(TaskFailure(error: error ?? "", cause: cause ?? "")))
        return [:]
    }

    private func sendTaskHeartbeat(_ parameters: WireParameters) async throws -> JSONObject {
        let token = parameters.string("taskToken", max: 2048)
        try parameters.check()
        try await engine.heartbeatTask(token: token)
        return [:]
    }
}
