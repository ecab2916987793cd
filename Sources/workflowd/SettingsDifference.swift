import JSONModel

/// What settings that were read again change.
struct SettingsDifference: Sendable, Equatable {
    /// A setting that is worth something else, in the words of `LiveSetting.text`.
    struct Change: Sendable, Equatable {
        var setting: String
        var from: String
        var to: String
    }

    /// Taken while the daemon runs.
    var changes: [Change] = []
    /// Settings whose part of the file is another than at the start, and which are read only then.
    var afterRestart: [String] = []

    /// - Parameters:
    ///   - running: what holds now.
    ///   - started: what held at the start, and still does of all that is not live.
    init(running: DaemonConfiguration, started: DaemonConfiguration, read: DaemonConfiguration) {
        changes = LiveSetting.all.compactMap { setting in
            let (from, to) = (setting.text(running), setting.text(read))
            return from == to ? nil : Change(setting: setting.name, from: from, to: to)
        }
        let (before, after) = (Self.members(of: started.written), Self.members(of: read.written))
        afterRestart = Set(before.keys).union(after.keys).filter { name in
            guard before[name] != after[name], !LiveSetting.covers(name) else { return false }
            // A flag or the environment says what it is worth, whatever the file does.
            if let worth = Self.overridable[name] { return worth(started) != worth(read) }
            return true
        }.sorted()
    }

    /// Settings that may stand elsewhere than in the file, with what they are worth.
    private static let overridable: [String: @Sendable (DaemonConfiguration) -> String] = [
        "data": { $0.data }, "listen": { $0.listen.description }, "authentication": { $0.authentication.rawValue },
        "behindTLSProxy": { "\($0.isBehindTLSProxy)" }, "stateMachines": { $0.stateMachines },
        "workflows": { $0.workflows }, "steps.remote": { $0.remoteSteps.joined(separator: ",") },
    ]

    /// What a file sets, by the names of the settings: mappings are gone into, and a list is one value.
    private static func members(of value: JSONValue, named name: String = "") -> [String: JSONValue] {
        guard let object = value.objectValue else { return value.isNull ? [:] : [name: value] }
        return object.reduce(into: [:]) { members, member in
            let (key, value) = member
            members.merge(Self.members(of: value, named: name.isEmpty ? key : "\(name).\(key)")) { $1 }
        }
    }
}

extension SettingsDifference {
    var changesJSON: JSONValue {
        .array(
            changes.map { change in
                ["setting": .string(change.setting), "from": .string(change.from), "to": .string(change.to)]
            })
    }

    /// As `POST /api/v1/settings/reload` answers.
    var json: JSONObject {
        ["changed": changesJSON, "afterRestart": .array(afterRestart.map { .string($0) })]
    }
}
