import Engine
import JSONModel

/// Tags of state machines and activities.
extension WireAPI {
    func tagOperation(_ name: String) -> Operation? {
        switch name {
        case "TagResource": tagResource
        case "UntagResource": untagResource
        case "ListTagsForResource": listTags
        default: nil
        }
    }

    private func tagResource(_ parameters: WireParameters) async throws -> JSONObject {
        let text = parameters.string("resourceArn", max: 256)
        let tags = WireTags.read(parameters)
        if tags == nil { parameters.requireMember("tags") }
        try parameters.check()
        let arn = try WireARN(text)
        let actor = asker(parameters)
        try await engine.transact { work in
            try self.requireTaggable(arn, in: work.transaction)
            let before = try work.transaction.tags(of: text)
            let merged = try WireTags.merged(before, tags ?? [])
            guard merged != before else { return }
            try work.transaction.saveTags(merged, of: text)
            try work.audit("resource.tagged", by: actor, subject: text, ["tags": WireTags.audited(merged)])
        }
        return [:]
    }

    private func untagResource(_ parameters: WireParameters) async throws -> JSONObject {
        let text = parameters.string("resourceArn", max: 256)
        let keys = parameters.strings("tagKeys", max: 128)
        if keys == nil { parameters.requireMember("tagKeys") }
        try parameters.check()
        let arn = try WireARN(text)
        let actor = asker(parameters)
        try await engine.transact { work in
            try self.requireTaggable(arn, in: work.transaction)
            let before = try work.transaction.tags(of: text)
            let kept = before.filter { !(keys ?? []).contains($0.key) }
            guard kept != before else { return }
            try work.transaction.saveTags(kept, of: text)
            try work.audit("resource.untagged", by: actor, subject: text, ["tags": WireTags.audited(kept)])
        }
        return [:]
    }

    private func listTags(_ parameters: WireParameters) async throws -> JSONObject {
        let text = parameters.string("resourceArn", max: 256)
        try parameters.check()
        let arn = try WireARN(text)
        let tags = try await engine.read { transaction in
            try self.requireTaggable(arn, in: transaction)
            return try transaction.tags(of: text)
        }
        return ["tags": .array(tags.map { ["key": .string($0.key), "value": .string($0.value)] })]
    }

    private func requireTaggable(_ arn: WireARN, in transaction: Store.Transaction) throws {
        let exists =
            switch arn.resource {
            case .stateMachine(let name): try transaction.stateMachine(named: name) != nil
            case .activity(let name): try transaction.activity(named: name) != nil
            case .version, .alias, .mapState, .execution, .express, .mapRun: false
            }
        guard exists, isLocal(arn) else { throw WireError.resourceNotFound(arn.text) }
    }
}

/// Tags in requests.
enum WireTags {
    /// AWS: so many for a resource.
    private static let most = 50

    static func read(_ parameters: WireParameters) -> [ResourceTag]? {
        parameters.structures("tags")?.map { tag in
            let key = tag.string("key", max: 128, pattern: .tag)
            if key.lowercased().hasPrefix("aws:") {
                tag.violate("key", key, "Member must not begin with 'aws:', which is reserved")
            }
            return ResourceTag(key: key, value: tag.optionalString("value", max: 256, pattern: .tag) ?? "")
        }
    }

    /// As the audit log has them: all that the resource has now.
    static func audited(_ tags: [ResourceTag]) -> JSONValue {
        .object(JSONObject(tags.map { ($0.key, JSONValue.string($0.value)) }))
    }

    /// - Throws: `TooManyTags`.
    static func merged(_ old: [ResourceTag], _ new: [ResourceTag]) throws(WireError) -> [ResourceTag] {
        var merged = old
        for tag in new {
            if let place = merged.firstIndex(where: { $0.key == tag.key }) {
                merged[place] = tag
            } else {
                merged.append(tag)
            }
        }
        guard merged.count <= most else {
            throw WireError("TooManyTags", "Too many tags: a resource may have \(most) tags")
        }
        return merged
    }
}
