import StatesAPI

extension DaemonConfiguration {
    /// What a listener keeps to.
    var listenerLimits: ListenerLimits {
        var limits = limits
        limits.drainSeconds = drainSeconds
        return limits
    }
}

extension ListenerLimits {
    /// Reads the section `limits`.
    mutating func read(_ section: SettingsReader) throws {
        try section.allow(["requests", "longPolls", "connections", "bodySeconds", "idleSeconds"])
        if let value = try section.integer("requests", in: 1...10_000) { requests = value }
        if let value = try section.integer("longPolls", in: 0...100_000) { longPolls = value }
        if let value = try section.integer("connections", in: 1...100_000) { connections = value }
        if let value = try section.integer("bodySeconds", in: 1...3600) { bodySeconds = value }
        if let value = try section.integer("idleSeconds", in: 1...3600) { idleSeconds = value }
    }
}
