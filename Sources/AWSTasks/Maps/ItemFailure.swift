import AWSClient
import Interpreter

/// How the failures of reading items and writing results reach a workflow.
extension TaskFailure {
    /// - Parameter document: where what was read is.
    static func itemReader(_ fault: ItemFault, in document: String) -> TaskFailure {
        TaskFailure(error: "States.ItemReaderFailed", cause: fault.cause(in: document))
    }

    /// - Parameter work: such as "reading s3://bucket/key".
    static func itemReader(_ error: AWSError, _ work: String) -> TaskFailure {
        TaskFailure(error: "States.ItemReaderFailed", cause: mapCause(error, work))
    }

    static func resultWriter(_ error: AWSError, _ work: String) -> TaskFailure {
        TaskFailure(error: "States.ResultWriterFailed", cause: mapCause(error, work))
    }

    /// AWS's words, what was being done, and what to do.
    private static func mapCause(_ error: AWSError, _ work: String) -> String {
        let remedy =
            switch error.code {
            case "AccessDenied", "AllAccessDisabled": " Steward's own identity needs s3:\(error.action) there."
            case "NoSuchBucket", "NoSuchKey": " Check bucket, key and account."
            default: ""
            }
        return "\(cause(s3: error)), while \(work).\(remedy)"
    }
}
