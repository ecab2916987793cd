import Engine
import Enforcement
import HTTPTypes
import Hummingbird
import JSONModel

extension AdminAPI {
    func addScheduleRoutes(to group: Routes) {
        group.get { _, _ in
            let schedules = try await engine.schedules()
            return JSONAnswer(["schedules": .array(schedules.map { .object(rendered($0)) })])
        }
        group.post(":name/pause") { request, context in
            let body = try await request.jsonObject(upTo: Self.bodyLimit, known: ["reason"])
            let name = try context.parameter("name")
            try await engine.pauseSchedule(
                name, reason: try body.text("reason"), by: "operator:\(request.actor)")
            return try await describeSchedule(name)
        }
        group.post(":name/resume") { request, context in
            let name = try context.parameter("name")
            try await engine.resumeSchedule(name, by: "operator:\(request.actor)")
            return try await describeSchedule(name)
        }
        group.post(":name/trigger") { request, context in
            let record = try await engine.triggerSchedule(
                context.parameter("name"), by: "operator:\(request.actor)")
            return JSONAnswer(.object(try await rendered(record)), status: .created)
        }
    }

    private func rendered(_ status: ScheduleStatus) -> JSONObject {
        let workflow = engine.workflows.first { $0.name == status.workflow }
        return rendering.schedule(status, stateMachine: workflow?.stateMachine)
    }

    private func describeSchedule(_ name: String) async throws -> JSONAnswer {
        guard let status = try await engine.schedules().first(where: { $0.workflow == name }) else {
            throw EngineError.noSchedule(name)
        }
        return JSONAnswer(.object(rendered(status)))
    }
}
