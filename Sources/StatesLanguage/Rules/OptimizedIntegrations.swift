/// The service integrations that AWS has made for Step Functions, by service (AWS, "Integrating optimized services").
/// Every other action of AWS goes through `aws-sdk:SERVICE:ACTION`.
enum OptimizedIntegrations {
    typealias Patterns = Set<Resource.Pattern>

    private static let plain: Patterns = [.requestResponse]
    private static let job: Patterns = [.requestResponse, .sync]
    private static let token: Patterns = [.requestResponse, .waitForTaskToken]
    private static let jobOrToken: Patterns = [.requestResponse, .sync, .waitForTaskToken]

    /// The actions of each service with the suffixes that they take.
    static let services: [String: [String: Patterns]] = [
        "apigateway": ["invoke": token],
        "athena": [
            "startQueryExecution": job, "stopQueryExecution": plain, "getQueryExecution": plain,
            "getQueryResults": plain,
        ],
        "batch": ["submitJob": job],
        "bedrock": ["invokeModel": token, "createModelCustomizationJob": jobOrToken],
        "codebuild": [
            "startBuild": job, "stopBuild": plain, "batchDeleteBuilds": plain, "batchGetReports": plain,
            "startBuildBatch": job, "stopBuildBatch": plain, "retryBuildBatch": job, "deleteBuildBatch": plain,
            "batchGetBuildBatches": plain,
        ],
        "databrew": ["startJobRun": job],
        "dynamodb": ["getItem": plain, "putItem": plain, "deleteItem": plain, "updateItem": plain],
        "ecs": ["runTask": jobOrToken],
        "eks": [
            "createCluster": job, "deleteCluster": job, "createFargateProfile": job, "deleteFargateProfile": job,
            "createNodegroup": job, "deleteNodegroup": job, "runJob": job, "call": token,
        ],
        "elasticmapreduce": [
            "createCluster": job, "setClusterTerminationProtection": plain, "terminateCluster": job, "addStep": job,
            "cancelStep": plain, "modifyInstanceFleetByName": plain, "modifyInstanceGroupByName": plain,
        ],
        "emr-containers": ["createVirtualCluster": plain, "deleteVirtualCluster": job, "startJobRun": job],
        "emr-serverless": [
            "createApplication": job, "startApplication": job, "stopApplication": job, "deleteApplication": job,
            "startJobRun": job, "cancelJobRun": job,
        ],
        "events": ["putEvents": token],
        "glue": ["startJobRun": job],
        "http": ["invoke": plain],
        "lambda": ["invoke": token],
        "mediaconvert": ["createJob": job],
        // Reading and writing of objects is only for distributed Maps.
        "s3": [:],
        "sagemaker": [
            "createEndpoint": plain, "createEndpointConfig": plain, "createHyperParameterTuningJob": job,
            "createLabelingJob": job, "createModel": plain, "createProcessingJob": job, "createTrainingJob": job,
            "createTransformJob": job, "updateEndpoint": plain,
        ],
        "sns": ["publish": token],
        "sqs": ["sendMessage": token],
        "states": ["startExecution": [.requestResponse, .sync, .sync2, .waitForTaskToken]],
    ]

    /// Why AWS does not know this integration; nil for services outside the table.
    static func fault(service: String, action: String, pattern: Resource.Pattern) -> String? {
        if service.hasPrefix("aws-sdk:") {
            guard [.sync, .sync2].contains(pattern) else { return nil }
            return "'\(pattern.rawValue)' does not work with aws-sdk integrations"
        }
        guard let known = services[service] else { return nil }
        guard let patterns = known[action] else {
            let similar = closest(to: action, among: known.keys.sorted()).map { "; did you mean '\($0)'?" }
            return "'\(service)' has no action '\(action)'" + (similar ?? "; try aws-sdk:\(service):\(action)")
        }
        guard patterns.contains(pattern) else {
            return "'\(pattern.rawValue)' does not work with '\(service):\(action)'"
        }
        return nil
    }
}
