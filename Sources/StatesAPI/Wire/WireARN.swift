/// The ARNs of the Step Functions API.
struct WireARN: Equatable {
    enum Resource: Equatable {
        case stateMachine(name: String)
        case version(machine: String, number: Int)
        case alias(machine: String, name: String)
        /// A distributed Map of a state machine, by its label: what AWS calls the state machine of its child executions.
        case mapState(machine: String, label: String)
        case execution(machine: String, name: String)
        /// `name` with the mark that tells it apart, as the engine keeps it.
        case express(machine: String, name: String)
        case activity(name: String)
        case mapRun
    }

    let text: String
    let region: String
    let account: String
    let resource: Resource

    /// - Throws: `InvalidArn`.
    init(_ text: String) throws(WireError) {
        let parts = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
            .map { String(Substring($0)) }
        guard parts.first == "arn" else { throw .invalidARN("Invalid ARN prefix: \(text)") }
        guard parts.count >= 7, parts[2] == "states", parts[6...].allSatisfy({ !$0.isEmpty }) else {
            throw .invalidARN("Invalid ARN: \(text)")
        }
        self.text = text
        (region, account) = (parts[3], parts[4])
        switch (parts[5], parts.count) {
        case ("stateMachine", 7): resource = Self.stateMachine(parts[6])
        case ("stateMachine", 8):
            if parts[7].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(parts[7]) {
                resource = .version(machine: parts[6], number: number)
            } else {
                resource = .alias(machine: parts[6], name: parts[7])
            }
        case ("execution", 8): resource = .execution(machine: parts[6], name: parts[7])
        case ("express", 8), ("express", 9):
            resource = .express(machine: parts[6], name: parts[7...].joined(separator: ":"))
        case ("activity", 7): resource = .activity(name: parts[6])
        case ("mapRun", 8): resource = .mapRun
        default: throw .invalidARN("Resource type not valid in this context: \(parts[5])")
        }
    }

    /// `NAME` or `NAME/LABEL`.
    private static func stateMachine(_ text: String) -> Resource {
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else { return .stateMachine(name: text) }
        return .mapState(machine: String(Substring(parts[0])), label: String(Substring(parts[1])))
    }

    /// The ARN is of something else than what the operation is about.
    func misplaced() -> WireError {
        if case .mapState(let machine, let label) = resource {
            return .validation(
                "'\(text)' refers to the Map state '\(label)' of the state machine '\(machine)', for which this operation "
                    + "is not supported")
        }
        return .invalidARN("Resource type not valid in this context: \(kind)")
    }

    private var kind: String {
        switch resource {
        case .stateMachine, .version, .alias, .mapState: "stateMachine"
        case .execution: "execution"
        case .express: "express"
        case .activity: "activity"
        case .mapRun: "mapRun"
        }
    }

    /// The machine, whichever of its versions or aliases is named.
    var machine: String? {
        switch resource {
        case .stateMachine(let name): name
        case .version(let machine, _), .alias(let machine, _): machine
        case .mapState, .execution, .express, .activity, .mapRun: nil
        }
    }
}
