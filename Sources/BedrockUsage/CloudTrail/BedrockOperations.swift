import Budgets

/// Bedrock's operations by what they mean for spending. A table: the names are those of the service models of botocore
/// 1.44.8, and of CloudTrail's pages on Bedrock for what has no model there (mantle, web search).
enum BedrockOperations {
    enum Meaning: Equatable {
        /// Spends, or may.
        case call
        /// Starts work that spends later.
        case job(BedrockJob.Kind)
        /// Reads or arranges things, at no cost that depends on use.
        case arrangement
        case unknown
    }

    static func meaning(of operation: String) -> Meaning {
        if calls.contains(operation) { return .call }
        if let kind = jobs[operation] { return .job(kind) }
        let reads = ["Get", "List", "Describe", "BatchGet", "Check", "Validate"].contains { operation.hasPrefix($0) }
        return reads || arrangements.contains(operation) ? .arrangement : .unknown
    }

    /// Whether a model invocation log record of that operation is no surprise.
    static func isKnown(inLogs operation: String) -> Bool {
        // As Steward writes a job that could not be charged.
        if operation == UsageEvent.jobTotal { return true }
        return switch meaning(of: operation) {
        case .call, .job: true
        case .arrangement, .unknown: false
        }
    }

    private static let calls = words(
        """
        InvokeModel InvokeModelWithResponseStream InvokeModelWithBidirectionalStream Converse ConverseStream \
        CountTokens ApplyGuardrail InvokeGuardrailChecks ChatCompletions Responses CreateResponse \
        CreateChatCompletion Messages CreateInference InvokeSearch InvokeFetch CallWithBearerToken \
        InvokeAgent InvokeInlineAgent InvokeFlow StartFlowExecution Retrieve AgenticRetrieveStream \
        RetrieveAndGenerate RetrieveAndGenerateStream Rerank GenerateQuery OptimizePrompt InvokeDataAutomation \
        InvokeAgentRuntime InvokeAgentRuntimeCommand InvokeAgentRuntimeForUser InvokeBrowser InvokeCodeInterpreter \
        InvokeGateway InvokeHarness InvokeWebSearch Evaluate RetrieveMemoryRecords ProcessPayment \
        StartBrowserSession StartCodeInterpreterSession
        """)

    private static let jobs: [String: BedrockJob.Kind] = {
        var jobs: [String: BedrockJob.Kind] = [
            "CreateModelInvocationJob": .batch, "StartAsyncInvoke": .invocation,
            "InvokeDataAutomationAsync": .invocation,
            "CreateProvisionedModelThroughput": .throughput, "UpdateProvisionedModelThroughput": .throughput,
            "CreateMarketplaceModelEndpoint": .throughput, "CreateCustomModelDeployment": .throughput,
        ]
        let others = words(
            """
            CreateModelCustomizationJob CreateModelCopyJob CreateModelImportJob CreateCustomModel CreateEvaluationJob \
            CreateAdvancedPromptOptimizationJob StartAutomatedReasoningPolicyBuildWorkflow \
            StartAutomatedReasoningPolicyTestWorkflow StartIngestionJob IngestKnowledgeBaseDocuments \
            InvokeBlueprintOptimizationAsync InvokeDataAutomationLibraryIngestionJob StartBatchEvaluation \
            StartDatasetGeneration StartMemoryExtractionJob StartRecommendation StartPolicyGeneration IngestData
            """)
        for name in others { jobs[name] = .other }
        return jobs
    }()

    private static let arrangements: Set<String> = {
        var names = words(
            """
            TagResource UntagResource PutResourcePolicy DeleteResourcePolicy ArchiveProject PrepareAgent PrepareFlow \
            CreateInvocation PutInvocationStep EndSession StopFlowExecution CompleteResourceTokenAuth CreateEvent \
            BatchCreateMemoryRecords BatchDeleteMemoryRecords BatchUpdateMemoryRecords StopRuntimeSession \
            SaveBrowserSessionProfile SearchRegistryRecords CopyBlueprintStage ResetTokenVaultKeyMaterial \
            RotatePaymentConnectorCredentials SetTokenVaultCMK SubmitRegistryRecordForApproval SynchronizeGatewayTargets \
            AddDatasetExamples BatchPutGatewayRateLimits BatchDeleteAdvancedPromptOptimizationJob \
            BatchDeleteEvaluationJob DeregisterMarketplaceModelEndpoint RegisterMarketplaceModelEndpoint \
            ExportAutomatedReasoningPolicyVersion CancelAutomatedReasoningPolicyBuildWorkflow StopModelInvocationJob \
            StopModelCustomizationJob StopEvaluationJob StopAdvancedPromptOptimizationJob StopIngestionJob \
            StopBatchEvaluation StopBrowserSession StopCodeInterpreterSession CreateFoundationModelAgreement \
            DeleteFoundationModelAgreement DeleteMemoryRecord DeleteKnowledgeBaseDocuments DeleteImportedModel \
            UpdateRegistryRecordStatus DeleteAgentMemory
            """)
        let things = words(
            """
            ABTest Agent AgentActionGroup AgentAlias AgentCollaborator AgentInsight AgentInsightStore \
            AgentKnowledgeBase AgentRuntime AgentRuntimeEndpoint AgentVersion ApiKeyCredentialProvider \
            AutomatedReasoningPolicy AutomatedReasoningPolicyAnnotations AutomatedReasoningPolicyTestCase \
            AutomatedReasoningPolicyVersion Blueprint BlueprintVersion Browser BrowserProfile BrowserStream \
            CapacityProvider CapacityProviderSession CodeInterpreter ConfigurationBundle ConsentPortal CustomModel \
            CustomModelDeployment DataAutomationLibrary DataAutomationProject DataSource Dataset DatasetExamples \
            DatasetVersion Evaluator Flow FlowAlias FlowVersion Gateway GatewayRateLimit GatewayRule GatewayTarget \
            Guardrail GuardrailVersion Harness HarnessEndpoint InferenceProfile KnowledgeBase MarketplaceModelEndpoint \
            Memory Oauth2CredentialProvider OnlineEvaluationConfig PaymentConnector PaymentCredentialProvider \
            PaymentInstrument PaymentManager PaymentSession Policy PolicyEngine Project Prompt PromptRouter \
            PromptVersion ProvisionedModelThroughput Registry RegistryRecord RetrievalInstruction \
            RetrievalInstructionVersion Session VpcConfiguration WorkloadIdentity ModelInvocationLoggingConfiguration \
            AccountDataRetention AccountDataRetentionStorage OrganizationDataRetentionStorage \
            ProjectDataRetentionStorage ProjectDataRetention EnforcedGuardrailConfiguration UseCaseForModelAccess \
            TrustedAccessProgramAccountEnrollment
            """)
        for thing in things {
            for verb in ["Create", "Update", "Delete", "Put", "Associate", "Disassociate"] {
                names.insert(verb + thing)
            }
        }
        return names
    }()

    private static func words(_ text: String) -> Set<String> { Set(text.split(separator: " ").map(String.init)) }
}
