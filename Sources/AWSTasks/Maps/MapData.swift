package import AWSClient
package import Engine
package import Interpreter
package import JSONModel
package import StatesLanguage

/// The data of distributed Maps in S3: reads what `ItemReader` names, writes what `ResultWriter` asks for.
///
/// Both are `s3:…` resources, which no Task state can name. Reading may be repeated; writing puts the same keys again.
package struct MapData: ResourceHandler {
    private enum Action: String { case getObject, listObjectsV2, putObject }

    private let client: AWSClient
    private let limits: ItemLimits

    package init(client: AWSClient) { self.init(client: client, limits: ItemLimits()) }

    init(client: AWSClient, limits: ItemLimits) {
        self.client = client
        self.limits = limits
    }

    package func handles(_ resource: Resource) -> Bool { Self.action(of: resource) != nil }

    package func perform(
        _ resource: Resource, _ context: TaskContext, _ input: JSONValue
    ) async throws(TaskFailure) -> JSONValue {
        switch Self.action(of: resource) {
        case .getObject: try await read(input) { reading throws(TaskFailure) in try await reading.readObject() }
        case .listObjectsV2: try await read(input) { reading throws(TaskFailure) in try await reading.readListing() }
        case .putObject: try await ResultExport(client: client, input: input).write()
        case nil:
            throw TaskFailure(error: "States.Runtime", cause: "\(resource.text) is no data source of a Map.")
        }
    }

    private func read(
        _ input: JSONValue, _ body: (inout ItemReading) async throws(TaskFailure) -> Void
    ) async throws(TaskFailure) -> JSONValue {
        let settings: ReaderSettings
        do {
            settings = try ReaderSettings(input["ReaderConfig"] ?? [:])
        } catch {
            throw .itemReader(error, in: "ReaderConfig")
        }
        var reading = ItemReading(
            objects: ObjectReader(client: client), settings: settings,
            parameters: input["Parameters"]?.objectValue ?? [:], limits: limits)
        try await body(&reading)
        return .array(reading.items.items)
    }

    private static func action(of resource: Resource) -> Action? {
        guard resource.pattern == .requestResponse, case .integration("s3", let action) = resource.kind else {
            return nil
        }
        return Action(rawValue: action)
    }
}
