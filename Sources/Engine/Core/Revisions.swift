import JSONModel
package import StatesLanguage
import WallTime

extension StateMachineVersion {
    /// What AWS calls the revision: shaped like a UUID, the same whenever it is asked for. The revision that a machine
    /// was made with has none.
    /// - Parameter first: the number of that revision.
    package func revisionID(since first: Int) -> String? {
        guard number > first else { return nil }
        let text = "\(stateMachine)/\(number)/\(createdAt.milliseconds)"
        return ExecutionNames.random(SplitMix.hash("revision of " + text), SplitMix.hash(text))
    }
}

extension MachineDefinition {
    /// Reads a definition, in JSON or YAML.
    /// - Throws: `EngineError.invalidDefinition` with everything that is wrong.
    package init(reading source: String, file: String?, type: StateMachineType) throws(EngineError) {
        let machine = try MachineCatalog.read(source, file: file, type: type)
        self.init(
            source: source, json: machine.document, hash: SHA256.hexadecimalHash(machine.document.jsonBytes),
            file: file)
    }
}
