import JSONModel

/// The configurations of a state machine in a request.
struct MachineConfiguration {
    private enum Level: String, CaseIterable { case all = "ALL", error = "ERROR", fatal = "FATAL", off = "OFF" }
    private enum KeyType: String, CaseIterable { case owned = "AWS_OWNED_KEY", customer = "CUSTOMER_MANAGED_KMS_KEY" }

    private var logging: JSONValue?
    private var destinations = 0
    private var isLogging = false
    private var tracing: JSONValue?
    private var encryption: JSONValue?
    private var encryptionFault: String?

    init(_ parameters: WireParameters) {
        readLogging(parameters)
        if let given = parameters.structure("tracingConfiguration") {
            tracing = ["enabled": .bool(given.flag("enabled") ?? false)]
        }
        readEncryption(parameters)
    }

    var isGiven: Bool { logging != nil || tracing != nil || encryption != nil }

    /// - Throws: `InvalidLoggingConfiguration`, `InvalidEncryptionConfiguration`.
    func checked() throws(WireError) -> (logging: JSONValue?, tracing: JSONValue?, encryption: JSONValue?) {
        if logging != nil, isLogging ? destinations != 1 : destinations > 1 {
            throw WireError(
                "InvalidLoggingConfiguration",
                "Invalid Logging Configuration: Must specify exactly one Log Destination.")
        }
        if let encryptionFault {
            throw WireError("InvalidEncryptionConfiguration", "Invalid Encryption Configuration: \(encryptionFault)")
        }
        return (logging, tracing, encryption)
    }

    private mutating func readLogging(_ parameters: WireParameters) {
        guard let given = parameters.structure("loggingConfiguration") else { return }
        let level = given.choice("level", Level.self) ?? .off
        let groups = (given.structures("destinations") ?? []).map { destination in
            destination.structure("cloudWatchLogsLogGroup")?.optionalString("logGroupArn", min: 1, max: 256) ?? ""
        }
        isLogging = level != .off
        destinations = groups.count
        var object: JSONObject = [
            "level": .string(level.rawValue),
            "includeExecutionData": .bool(given.flag("includeExecutionData") ?? false),
        ]
        if !groups.isEmpty {
            object["destinations"] = .array(groups.map { ["cloudWatchLogsLogGroup": ["logGroupArn": .string($0)]] })
        }
        logging = .object(object)
    }

    private mutating func readEncryption(_ parameters: WireParameters) {
        guard let given = parameters.structure("encryptionConfiguration") else { return }
        let type = given.choice("type", KeyType.self)
        if !given.contains("type") { given.requireMember("type") }
        let key = given.optionalString("kmsKeyId", min: 1, max: 2048)
        let period = given.integer("kmsDataKeyReusePeriodSeconds", in: 60...900)
        if type == .customer, key == nil { encryptionFault = "KmsKeyId is required for CUSTOMER_MANAGED_KMS_KEY" }
        if type == .owned, key != nil || period != nil {
            encryptionFault = "KmsKeyId and KmsDataKeyReusePeriodSeconds are not allowed for AWS_OWNED_KEY"
        }
        var object: JSONObject = ["type": .string((type ?? .owned).rawValue)]
        object["kmsKeyId"] = key.map { .string($0) }
        object["kmsDataKeyReusePeriodSeconds"] = period.map { .int($0) }
        encryption = .object(object)
    }
}
