import AWSClient
import Interpreter

/// How what AWS answers reaches a workflow: error names and causes in the words of the SDK that Step Functions calls with.
extension TaskFailure {
    /// An error of `aws-sdk:SERVICE:ACTION`, where version 2 of the SDK for Java speaks: `Kms.NotFoundException`, or
    /// `Kms.KmsException` for a code without an exception of its own.
    init(sdk error: AWSError, _ service: SDKService) {
        guard let status = error.status, !error.isFromClient else {
            self.init(error: "\(service.title).SdkClientException", cause: error.causeWithoutAnswer)
            return
        }
        let name =
            service.hasException(for: error.code) ? SDKNaming.exception2(error.code) : "\(service.title)Exception"
        let details = [
            "Service: \(service.title)", "Status Code: \(status)", "Request ID: \(error.requestID ?? "null")",
            error.extendedRequestID.map { "Extended Request ID: \($0)" },
        ]
        let attempts = Self.countsAttempts(service) ? " (SDK Attempt Count: \(error.attempts))" : ""
        self.init(
            error: "\(service.title).\(name)",
            cause: "\(error.message) (\(details.compactMap(\.self).joined(separator: ", ")))\(attempts)")
    }

    /// The count came to the SDK in 2025. These services were recorded before that, and their causes are kept as they
    /// were recorded.
    private static func countsAttempts(_ service: SDKService) -> Bool {
        !["dynamodb", "s3", "secretsmanager"].contains(service.name)
    }

    /// An error of an optimised integration, where version 1 of the SDK for Java speaks: `SNS.NotFoundException`, or
    /// `SNS.AmazonSNSException` for a code without an exception of its own.
    init(optimised error: AWSError, _ service: OptimisedService) {
        guard let status = error.status, !error.isFromClient else {
            self.init(error: "\(service.title).SdkClientException", cause: error.causeWithoutAnswer)
            return
        }
        let isKnown = SDKService.spoken(service.client)?.hasException(for: error.code) ?? false
        self.init(
            error: "\(service.title).\(isKnown ? SDKNaming.exception(error.code) : "\(service.product)Exception")",
            cause: "\(error.message) (Service: \(service.fullName); Status Code: \(status); "
                + "Error Code: \(error.queryCode ?? error.code); Request ID: \(error.requestID ?? "null"); Proxy: null)"
        )
    }
}

extension AWSError {
    /// Not what a service answered, whatever the status.
    var isFromClient: Bool { code.hasPrefix("Client.") || code.hasPrefix("Transport.") }

    var causeWithoutAnswer: String {
        code.hasPrefix("Transport.") ? "Unable to execute HTTP request: \(message)" : message
    }
}
