import Engine
import Foundation
import Interpreter
import JSONModel
import WallTime

/// The admin API's JSON shapes (`docs/api.md`).
struct Rendering: Sendable {
    let options: EngineOptions

    func arn(_ kind: String, _ name: String) -> String {
        "arn:aws:states:\(options.region):\(options.account):\(kind):\(name)"
    }

    func execution(_ record: ExecutionRecord, version: Int?) -> JSONObject {
        [
            "id": .int(record.id.rawValue),
            "name": .string(record.name),
            "arn": .string(arn("execution", "\(record.stateMachine):\(record.name)")),
            "stateMachine": .string(record.stateMachine),
            "version": version.map { .int(Int64($0)) } ?? .null,
            "workflow": .optional(record.workflow),
            "status": .string(record.status.rawValue),
            "startedAt": .string(record.startedAt.iso8601),
            "stoppedAt": .optional(record.stoppedAt?.iso8601),
            "error": .optional(record.error),
            "cause": .optional(record.cause),
            "redriveCount": .int(Int64(record.redriveCount)),
            "waitsUntil": .optional(record.wakeAt?.iso8601),
        ]
    }

    func stateMachine(_ record: StateMachineRecord) -> JSONObject {
        [
            "name": .string(record.name),
            "arn": .string(arn("stateMachine", record.name)),
            "version": .int(Int64(record.current.number)),
            "createdAt": .string(record.createdAt.iso8601),
            "updatedAt": .string(record.current.createdAt.iso8601),
            "file": .optional(record.current.definition.file),
            "hash": .string(record.current.definition.hash),
        ]
    }

    func deadLetter(_ letter: DeadLetter, withPayload: Bool) -> JSONObject {
        let content = letter.letter
        var object: JSONObject = [
            "id": .int(letter.id.rawValue),
            "kind": .string(content.kind.rawValue),
            "status": .string(letter.status.rawValue),
            "subject": .string(content.subject),
            "source": .string(content.source),
            "error": .string(content.error),
            "cause": .string(content.cause),
            "execution": content.execution.map { .int($0.rawValue) } ?? .null,
            "at": .string(content.at.iso8601),
            "attempts": .int(Int64(letter.attempts)),
            "nextRedrive": .optional(content.nextRedrive?.iso8601),
        ]
        if withPayload {
            if let text = String(validating: content.payload, as: UTF8.self) {
                object["payload"] = .string(text)
            } else {
                object["payloadBase64"] = .string(Data(content.payload).base64EncodedString())
            }
        }
        return object
    }

    func schedule(_ status: ScheduleStatus, stateMachine: String?) -> JSONObject {
        [
            "workflow": .string(status.workflow),
            "stateMachine": .optional(stateMachine),
            "expression": .string(status.expression),
            "timezone": .string(status.timeZone),
            "enabled": .bool(status.enabled),
            "next": .array(status.nextFires.map { .string($0.iso8601) }),
            "pausedAt": .optional(status.pausedAt?.iso8601),
            "pauseReason": .optional(status.pauseReason),
            "last": .array(
                status.lastFires.map { fire in
                    [
                        "nominal": .string(fire.nominal.iso8601), "firedAt": .string(fire.firedAt.iso8601),
                        "result": .string(fire.result.rawValue), "execution": .optional(fire.execution),
                        "reason": .optional(fire.reason),
                    ]
                }),
        ]
    }
}

extension JSONValue {
    static func optional(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }
}
