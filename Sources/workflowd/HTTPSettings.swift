import AWSClient
import AWSTasks
import WallTime

/// What `http:invoke` tasks may reach, and with which secrets.
struct HTTPSettings: Sendable {
    /// Whether definitions may reach this machine and its link, and APIs without TLS.
    var allowsLocalAddresses = false
    var connections: [HTTPConnection] = []

    mutating func read(_ section: SettingsReader) throws {
        try section.allow(["allowLocalAddresses", "connections"])
        if let value = try section.flag("allowLocalAddresses") { allowsLocalAddresses = value }
        guard let list = try section.list("connections") else { return }
        connections = try list.map(HTTPConnection.init)
        let names = connections.map(\.name)
        if let twice = names.first(where: { name in names.filter { $0 == name }.count > 1 }) {
            throw section.fault("connections", "has two connections named \"\(twice)\"")
        }
    }
}

extension HTTPConnection {
    fileprivate init(_ section: SettingsReader) throws {
        let common = ["name", "type", "headers", "query", "body"]
        let name = try section.required("name")
        switch try section.required("type") {
        case "api-key":
            try section.allow(common + ["header", "valueFile", "valueEnvironment"])
            self.init(
                name: name,
                authorization: .apiKey(name: try section.required("header"), value: try Secret(section, "value")))
        case "basic":
            try section.allow(common + ["userName", "passwordFile", "passwordEnvironment"])
            self.init(
                name: name,
                authorization: .basic(
                    userName: try section.required("userName"), password: try Secret(section, "password")))
        case "oauth":
            try section.allow(
                common + ["tokenEndpoint", "clientId", "clientSecretFile", "clientSecretEnvironment", "scope"])
            self.init(
                name: name,
                authorization: .clientCredentials(
                    OAuthClient(
                        endpoint: try section.required("tokenEndpoint"), clientID: try section.required("clientId"),
                        secret: try Secret(section, "clientSecret"), scope: try section.text("scope"),
                        now: WallClock.system.now)))
        case let type: throw section.fault("type", "is \"\(type)\", but must be one of api-key, basic, oauth")
        }
        headers = try (section.list("headers") ?? []).map(Parameter.init)
        query = try (section.list("query") ?? []).map(Parameter.init)
        body = try (section.list("body") ?? []).map(Parameter.init)
    }
}

extension HTTPConnection.Parameter {
    fileprivate init(_ section: SettingsReader) throws {
        try section.allow(["name", "value", "valueFile", "valueEnvironment"])
        let value = try section.text("value").map(Secret.plain)
        self.init(name: try section.required("name"), value: try value ?? Secret(section, "value"))
    }
}

extension Secret {
    /// `NAMEFile` or `NAMEEnvironment`: secrets never stand in YAML.
    init(_ section: SettingsReader, _ name: String) throws {
        if let file = try section.text("\(name)File") {
            self = .file(file)
        } else if let variable = try section.text("\(name)Environment") {
            self = .environment(variable)
        } else {
            throw section.fault("", "lacks \"\(name)File\" or \"\(name)Environment\"")
        }
    }
}
