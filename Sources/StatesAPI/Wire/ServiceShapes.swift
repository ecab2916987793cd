import JSONModel
import StatesLanguage

/// The shape of an API's answer, as far as a mocked one is checked against it.
indirect enum ServiceShape: Sendable {
    case string, number, boolean, any
    case list(ServiceShape)
    case map(ServiceShape)
    case structure([Member])
    /// An attribute value of DynamoDB, which may hold others.
    case attribute

    struct Member: Sendable {
        var name: String
        var shape: ServiceShape
        var isRequired = false
    }

    /// What is wrong with a value, in AWS's words; nil when nothing is. Members that the shape does not know pass.
    func fault(of value: JSONValue, requiresAll: Bool, field: String = "") -> String? {
        switch (self, value) {
        case (.any, _), (.string, .string), (.boolean, .bool), (.number, .int), (.number, .double): return nil
        case (.string, _): return "Field '\(field)' must be a string"
        case (.number, _): return "Field '\(field)' must be a number"
        case (.boolean, _): return "Field '\(field)' must be a boolean"
        case (.list(let element), .array(let values)):
            for value in values {
                if let fault = element.fault(of: value, requiresAll: requiresAll, field: field) { return fault }
            }
            return nil
        case (.list, _): return "Field '\(field)' must be an array"
        case (.map(let element), .object(let object)):
            for (name, value) in object {
                if let fault = element.fault(of: value, requiresAll: requiresAll, field: name) { return fault }
            }
            return nil
        case (.attribute, _):
            return Self.attributeMembers.fault(of: value, requiresAll: requiresAll, field: field)
        case (.structure(let members), .object(let object)):
            return Self.fault(of: object, members, requiresAll: requiresAll)
        case (.map, _), (.structure, _):
            return field.isEmpty ? "Result must be an object" : "Field '\(field)' must be an object"
        }
    }

    private static func fault(of object: JSONObject, _ members: [Member], requiresAll: Bool) -> String? {
        for member in members {
            guard let value = object[member.name] else {
                if requiresAll, member.isRequired { return "Required field '\(member.name)' is missing" }
                continue
            }
            if let fault = member.shape.fault(of: value, requiresAll: requiresAll, field: member.name) { return fault }
        }
        return nil
    }

    fileprivate static func members(_ members: [(String, ServiceShape)], required: Set<String> = []) -> ServiceShape {
        .structure(members.map { Member(name: $0.0, shape: $0.1, isRequired: required.contains($0.0)) })
    }

    private static let attributeMembers = members([
        ("S", .string), ("N", .string), ("B", .string), ("SS", .list(.string)), ("NS", .list(.string)),
        ("BS", .list(.string)), ("M", .map(.attribute)), ("L", .list(.attribute)), ("NULL", .boolean),
        ("BOOL", .boolean),
    ])
}

/// The answers of the optimised integrations, from the API references of their services. Results of `aws-sdk:` are not
/// checked: their services' models are no part of Steward.
enum ServiceShapes {
    static func output(of resource: Resource) -> ServiceShape? {
        guard case .integration(let service, let action) = resource.kind, resource.pattern == .requestResponse else {
            return nil
        }
        return known["\(service):\(action)"]
    }

    private static let known: [String: ServiceShape] = [
        "states:startExecution": .members(
            [("ExecutionArn", .string), ("StartDate", .string)], required: ["ExecutionArn", "StartDate"]),
        "lambda:invoke": .members([
            ("StatusCode", .number), ("FunctionError", .string), ("LogResult", .string), ("ExecutedVersion", .string),
        ]),
        "events:putEvents": .members([
            ("FailedEntryCount", .number),
            (
                "Entries",
                .list(.members([("EventId", .string), ("ErrorCode", .string), ("ErrorMessage", .string)]))
            ),
        ]),
        "sqs:sendMessage": .members([
            ("MD5OfMessageBody", .string), ("MD5OfMessageAttributes", .string),
            ("MD5OfMessageSystemAttributes", .string), ("MessageId", .string), ("SequenceNumber", .string),
        ]),
        "sns:publish": .members([("MessageId", .string), ("SequenceNumber", .string)]),
        "dynamodb:getItem": .members([("Item", .map(.attribute)), ("ConsumedCapacity", consumed)]),
        "dynamodb:putItem": written, "dynamodb:updateItem": written, "dynamodb:deleteItem": written,
    ]

    private static let written = ServiceShape.members([
        ("Attributes", .map(.attribute)), ("ConsumedCapacity", consumed),
        (
            "ItemCollectionMetrics",
            .members([("ItemCollectionKey", .map(.attribute)), ("SizeEstimateRangeGB", .list(.number))])
        ),
    ])

    private static let capacity = ServiceShape.members([
        ("ReadCapacityUnits", .number), ("WriteCapacityUnits", .number), ("CapacityUnits", .number),
    ])

    private static let consumed = ServiceShape.members([
        ("TableName", .string), ("CapacityUnits", .number), ("ReadCapacityUnits", .number),
        ("WriteCapacityUnits", .number), ("Table", capacity), ("LocalSecondaryIndexes", .map(capacity)),
        ("GlobalSecondaryIndexes", .map(capacity)),
    ])
}
