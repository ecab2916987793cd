package import AWSClient
package import Engine
package import Interpreter
package import JSONModel
package import StatesLanguage

/// Reads the items of a distributed Map from S3, and writes its results there (AWS, "ItemReader (Map)" and "ResultWriter
/// (Map)").
///
/// The interpreter gives these tasks resources that a Task state cannot name: `s3:getObject` and `s3:listObjectsV2` read,
/// `s3:putObject` writes. Reading twice reads again; writing twice writes the same objects.
package struct MapData: ResourceHandler {
    private let client: AWSClient

    package init(client: AWSClient) { self.client = client }

    package func handles(_ resource: Resource) -> Bool {
        guard resource.pattern == .requestResponse else { return false }
        return switch resource.kind {
        case .integration("s3", "getObject"), .integration("s3", "listObjectsV2"), .integration("s3", "putObject"): true
        default: false
        }
    }

    package func perform(
        _ resource: Resource, _ context: TaskContext, _ input: JSONValue
    ) async throws(TaskFailure) -> JSONValue {
        switch resource.kind {
        case .integration("s3", "putObject"):
            return try await S3ResultWriter(client: client).write(input)
        case .integration("s3", "listObjectsV2"):
            return .array(try await reader(input).listed())
        default:
            return .array(try await reader(input).read())
        }
    }

    private func reader(_ input: JSONValue) throws(TaskFailure) -> S3ItemReader {
        do throws(ItemFault) {
            return S3ItemReader(
                client: client, request: input["Parameters"]?.objectValue ?? [:],
                settings: try ReaderSettings(input["ReaderConfig"]?.objectValue ?? [:]))
        } catch {
            throw error.failure
        }
    }
}

/// Why items cannot be read, in words for people.
struct ItemFault: Error, Equatable {
    let cause: String

    init(_ cause: String) { self.cause = cause }

    var failure: TaskFailure { TaskFailure(error: "States.ItemReaderFailed", cause: cause) }
}
