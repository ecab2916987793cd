// Written by scripts/aws_names.py from the services' API models. Change that, not this.

extension SDKService {
    static let all: [SDKService] = [
        SDKService(
            name: "athena", title: "Athena", client: "athena",
            instants: """
                CompletionDateTime CreateTime CreatedAt CreationTime EndDateTime IdleSinceDateTime LastAccessTime \
                LastModifiedAt LastModifiedDateTime LastModifiedTime LastSuccessfulAllocationTime \
                RequestCompletionTime RequestTime SubmissionDateTime
                """,
            maps: "AdditionalConfigs LogTypes Parameters Properties SparkProperties",
            errors: """
                InternalServer InvalidRequest Metadata ResourceNotFound SessionAlreadyExists TooManyRequests
                """),
        SDKService(
            name: "cloudtrail", title: "CloudTrail", client: "cloudtrail",
            renamed: "SQL includeShadowTrails trailList trailNameList",
            instants: """
                CreatedTimestamp CreationTime EndEventTime EndTime EventTime LastUpdatedTime \
                LatestCloudWatchLogsDeliveryTime LatestDeliveryTime LatestDigestDeliveryTime \
                LatestIngestionAttemptTime LatestIngestionSuccessTime LatestNotificationTime StartEventTime \
                StartLoggingTime StartTime StopLoggingTime Timestamps UpdatedTimestamp ValidityEndTime \
                ValidityStartTime
                """,
            maps: "Dimensions QueryParameterValues QueryResultRows ViewProperties",
            errors: """
                AccessDenied AccountHasOngoingImport AccountNotFound AccountNotRegistered AccountRegistered \
                CannotDelegateManagementAccount ChannelARNInvalid ChannelAlreadyExists ChannelExistsForEDS \
                ChannelMaxLimitExceeded ChannelNotFound CloudTrailARNInvalid CloudTrailAccessNotEnabled \
                CloudTrailInvalidClientTokenId CloudWatchLogsDeliveryUnavailable ConcurrentModification Conflict \
                DelegatedAdminAccountLimitExceeded EventDataStoreARNInvalid EventDataStoreAlreadyExists \
                EventDataStoreFederationEnabled EventDataStoreHasOngoingImport EventDataStoreMaxLimitExceeded \
                EventDataStoreNotFound EventDataStoreTerminationProtected GenerateResponse ImportNotFound \
                InactiveEventDataStore InactiveQuery InsightNotEnabled InsufficientDependencyServiceAccessPermission \
                InsufficientEncryptionPolicy InsufficientIAMAccessPermission InsufficientS3BucketPolicy \
                InsufficientSnsTopicPolicy InvalidCloudWatchLogsLogGroupArn InvalidCloudWatchLogsRoleArn \
                InvalidDateRange InvalidEventCategory InvalidEventDataStoreCategory InvalidEventDataStoreStatus \
                InvalidEventSelectors InvalidHomeRegion InvalidImportSource InvalidInsightSelectors InvalidKmsKeyId \
                InvalidLookupAttributes InvalidMaxResults InvalidNextToken InvalidParameter \
                InvalidParameterCombination InvalidQueryStatement InvalidQueryStatus InvalidS3BucketName \
                InvalidS3Prefix InvalidSnsTopicName InvalidSource InvalidTagParameter InvalidTimeRange InvalidToken \
                InvalidTrailName Kms KmsKeyDisabled KmsKeyNotFound MaxConcurrentQueries MaximumNumberOfTrailsExceeded \
                NoManagementAccountSLRExists NotOrganizationManagementAccount NotOrganizationMasterAccount \
                OperationNotPermitted OrganizationNotInAllFeaturesMode OrganizationsNotInUse QueryIdNotFound \
                ResourceARNNotValid ResourceNotFound ResourcePolicyNotFound ResourcePolicyNotValid \
                ResourceTypeNotSupported S3BucketDoesNotExist ServiceQuotaExceeded TagsLimitExceeded Throttling \
                TrailAlreadyExists TrailNotFound TrailNotProvided UnsupportedOperation
                """),
        SDKService(
            name: "cloudwatch", title: "CloudWatch", client: "monitoring",
            renamed: "OKActions",
            instants: """
                AlarmConfigurationUpdatedTimestamp CreatedAt CreationDate EndDate EndTime ExpireDate LastModified \
                LastUpdateDate LastUpdatedTimestamp StartDate StartTime StateTransitionedTimestamp \
                StateUpdatedTimestamp Timestamp Timestamps UpdatedAt
                """,
            maps: """
                AlarmContributorAttributes Attributes ContributorAttributes ExtendedStatistics KeyAttributes
                """,
            documents: "DashboardBody",
            errors: """
                ConcurrentModification Conflict DashboardInvalidInputError DashboardNotFoundError \
                InternalServiceError InternalServiceFault InvalidFormat InvalidFormatFault InvalidNextToken \
                InvalidParameterCombination InvalidParameterInput InvalidParameterValue KmsAccessDenied \
                KmsKeyDisabled KmsKeyNotFound LimitExceeded LimitExceededFault MissingParameter \
                MissingRequiredParameter ResourceConflict ResourceNotFound Validation ValidationError
                """),
        SDKService(
            name: "cloudwatchlogs", title: "CloudWatchLogs", client: "logs",
            isLowerCamel: true,
            renamed: """
                DestinationNamePrefix! InternalStreamingException! SessionStreamingException! \
                SessionTimeoutException!
                """,
            maps: """
                attributes dimensions enumerations extractedValues histogram keyAttributes logRecord tags
                """,
            documents: "message policyDocument",
            errors: """
                AccessDenied Conflict DataAlreadyAccepted InternalServer InternalStreaming InvalidOperation \
                InvalidParameter InvalidSequenceToken LimitExceeded MalformedQuery OperationAborted \
                ResourceAlreadyExists ResourceNotFound ServiceQuotaExceeded ServiceUnavailable SessionStreaming \
                SessionTimeout Throttling TooManyTags UnrecognizedClient Validation
                """),
        SDKService(
            name: "codebuild", title: "CodeBuild", client: "codebuild",
            isLowerCamel: true,
            instants: """
                created endTime expired lastModified lastModifiedSecret requestTime requestedOn startTime submitTime
                """,
            maps: "statusCounts",
            errors: """
                AccountLimitExceeded AccountSuspended InvalidInput OAuthProvider ResourceAlreadyExists \
                ResourceNotFound
                """),
        SDKService(
            name: "costexplorer", title: "CostExplorer", client: "ce",
            renamed: """
                EBSResourceUtilization EC2InstanceDetails EC2ResourceDetails EC2ResourceUtilization EC2Specification \
                ESInstanceDetails RDSInstanceDetails RICostForUnusedHours
                """,
            maps: "Attributes Metrics Services TotalCostAndUsage",
            errors: """
                AnalysisNotFound BackfillLimitExceeded BillExpiration BillingViewHealthStatus DataUnavailable \
                GenerationExists InvalidNextToken LimitExceeded RequestChanged ResourceNotFound ServiceQuotaExceeded \
                TooManyTags UnknownMonitor UnknownSubscription UnresolvableUsageUnit
                """),
        SDKService(
            name: "dynamodb", title: "DynamoDb", client: "dynamodb",
            renamed: """
                BOOL BS KMSMasterKeyArn KMSMasterKeyId NS NULL SS SSEDescription SSESpecification \
                SSESpecificationOverride SSEType
                """,
            instants: """
                ArchivalDateTime BackupCreationDateTime BackupExpiryDateTime CreationDateTime \
                EarliestRestorableDateTime EndTime ExportFromTime ExportTime ExportToTime \
                InaccessibleEncryptionDateTime LastDecreaseDateTime LastIncreaseDateTime LastUpdateDateTime \
                LastUpdateToPayPerRequestDateTime LatestRestorableDateTime ReplicaInaccessibleDateTime \
                RestoreDateTime StartTime TableCreationDateTime TimeRangeLowerBound TimeRangeUpperBound
                """,
            maps: """
                AttributeUpdates Attributes ExclusiveStartKey Expected ExpressionAttributeNames \
                ExpressionAttributeValues Item ItemCollectionKey Items Key KeyConditions Keys LastEvaluatedKey M \
                QueryFilter RequestItems ScanFilter UnprocessedItems UnprocessedKeys
                """,
            errors: """
                BackupInUse BackupNotFound ConditionalCheckFailed ContinuousBackupsUnavailable DuplicateItem \
                ExportConflict ExportNotFound GlobalTableAlreadyExists GlobalTableNotFound \
                IdempotentParameterMismatch ImportConflict ImportNotFound IndexNotFound InternalServerError \
                InvalidExportTime InvalidRestoreTime ItemCollectionSizeLimitExceeded LimitExceeded \
                PointInTimeRecoveryUnavailable PolicyNotFound ProvisionedThroughputExceeded ReplicaAlreadyExists \
                ReplicaNotFound ReplicatedWriteConflict RequestLimitExceeded ResourceInUse ResourceNotFound \
                TableAlreadyExists TableInUse TableNotFound Throttling TransactionCanceled TransactionConflict \
                TransactionInProgress
                """),
        SDKService(
            name: "ecs", title: "Ecs", client: "ecs",
            isLowerCamel: true,
            instants: """
                after before connectivityAt deleteRequestedAt deregisteredAt executionStoppedAt expirationDate \
                expiresAt finishedAt lastStartedAt lastStatusChange lastUpdated pullStartedAt pullStoppedAt \
                registeredAt stabilityStatusAt startedAt stoppedAt stoppingAt updatedAt
                """,
            maps: "dockerLabels driverOpts labels options",
            errors: """
                AccessDenied AttributeLimitExceeded Blocked Client ClusterContainsCapacityProvider \
                ClusterContainsContainerInstances ClusterContainsServices ClusterContainsTasks ClusterNotFound \
                Conflict DaemonNotActive DaemonNotFound GatewayNotFound InvalidParameter LimitExceeded MissingVersion \
                NamespaceNotFound NoUpdateAvailable PlatformTaskDefinitionIncompatibility PlatformUnknown \
                ResourceInUse ResourceNotFound Server ServiceDeploymentNotFound ServiceNotActive ServiceNotFound \
                TargetNotConnected TargetNotFound TaskSetNotFound UnsupportedFeature UpdateInProgress
                """),
        SDKService(
            name: "eventbridge", title: "EventBridge", client: "events",
            renamed: "awsvpcConfiguration base capacityProvider expression field type! weight",
            instants: """
                CreationTime EventEndTime EventLastReplayedTime EventStartTime ExpirationTime LastAuthorizedTime \
                LastModifiedTime ReplayEndTime ReplayStartTime Time
                """,
            maps: "InputPathsMap",
            documents: "Detail EventPattern Input",
            errors: """
                AccessDenied ConcurrentModification IllegalStatus Internal InvalidEventPattern InvalidState \
                LimitExceeded ManagedRule OperationDisabled PolicyLengthExceeded ResourceAlreadyExists \
                ResourceNotFound Throttling
                """),
        SDKService(
            name: "firehose", title: "Firehose", client: "firehose",
            renamed: """
                AWSKMSKeyARN HECAcknowledgmentTimeoutInSeconds HECEndpoint HECEndpointType HECToken \
                KMSEncryptionConfig MSKClusterARN MSKSourceConfiguration MSKSourceDescription SSLMode
                """,
            instants: """
                CreateTimestamp DeliveryStartTimestamp LastUpdateTimestamp ReadFromTimestamp RequestTimestamp
                """,
            contents: "Data",
            maps: "ColumnToJsonKeyMappings",
            errors: """
                ConcurrentModification InvalidArgument InvalidKMSResource InvalidSource LimitExceeded ResourceInUse \
                ResourceNotFound ServiceUnavailable
                """),
        SDKService(
            name: "glue", title: "Glue", client: "glue",
            renamed: """
                AWSManagedClientApplicationReference DPUHour DPUSeconds JDBCConnectorSource JDBCConnectorTarget \
                JWTBearerProperties PIIDetection RLSProperties XMLClassifier analysisId! analysisType \
                autoUpgradeEligibilitySummary autoUpgradeEvaluationSummary catalogId! cleanExpiredFiles \
                compactionConfiguration compactionMetrics compactionStrategy configuration! configurationSource \
                databaseName! deleteFileThreshold enabled endTimestamp error! errorMessage! eventType \
                glueConnectionName icebergConfiguration jobName! key! lastRun! location! metrics minInputFiles \
                numberOfSnapshotsToRetain orphanFileDeletionConfiguration orphanFileDeletionMetrics \
                orphanFileRetentionPeriodInDays retentionConfiguration retentionMetrics roleArn! runRateInHours \
                scanAll! scanRate snapshotRetentionPeriodInDays sourceVersion! startTimestamp status! strategy \
                tableName! tableOptimizer! targetVersion! type! upgradeConsent value! vpcConfiguration
                """,
            instants: """
                AnalyzedTime AuthTokenExpirationTime CreateTime CreatedAfter CreatedAt CreatedBefore CreatedOn \
                CreatedTimeStamp CreatedTimestamp CreationTime Date EndAt EndTime ExecutionCompletedOn \
                ExecutionStartedOn ExecutionTimestamp ImportTime LastAccessTime LastAnalyzedTime \
                LastConnectionValidationTime LastModified LastModifiedAfter LastModifiedBefore LastModifiedOn \
                LastModifiedTimestamp LastUpdated LastUpdatedTime PublishedAfter PublishedBefore QueryAsOfTime \
                QueryStartTime RecordedAfter RecordedBefore RecordedOn RequestTime ResultPublishedOn StartAt \
                StartTime StartedAfter StartedBefore StartingTimestamp StatisticRecordedOn UpdateTime UpdatedAt \
                endTimestamp startTimestamp
                """,
            maps: """
                AddArguments AdditionalContext AdditionalDataSources AdditionalDeltaOptions \
                AdditionalEncryptionContext AdditionalHudiOptions AdditionalIcebergOptions AdditionalPlanOptionsMap \
                Arguments AthenaConnectionProperties AthenaProperties Attachments CodeGenConfigurationNodes \
                Compaction ComputeEnvironmentConfigurations ConnectionOptionNameOverrides \
                ConnectionPropertyNameOverrides CustomAuthenticationCredentials CustomProperties DataTypeMapping \
                DefaultArguments DefaultRunProperties Descriptors Dimensions EntityConfigurations \
                EvaluatedDistributions EvaluatedMetrics FlagsEnabled Forms IterableForms JobConfiguration Labels \
                MetadataInfoMap NonOverridableArguments OperatorMappings OrphanFileDeletion \
                PythonConnectionProperties PythonProperties Retention RuleMetrics RunProperties SessionConfiguration \
                SkewedColumnValueLocationMaps SourceProperties SparkConnectionProperties SparkPipelineInfo \
                SparkProperties StatisticProperties TagsToAdd TokenUrlParametersMap WorkflowRunProperties
                """,
            errors: """
                AccessDenied AlreadyExists ColumnStatisticsTaskNotRunning ColumnStatisticsTaskRunning \
                ColumnStatisticsTaskStopping ConcurrentModification ConcurrentRunsExceeded ConditionCheckFailure \
                Conflict CrawlerNotRunning CrawlerRunning CrawlerStopping EntityNotFound \
                FederatedResourceAlreadyExists FederationSource FederationSourceRetryable GlueEncryption \
                IdempotentParameterMismatch IllegalBlueprintState IllegalSessionState IllegalWorkflowState \
                IntegrationConflictOperationFault IntegrationNotFoundFault IntegrationQuotaExceededFault \
                InternalServer InternalService InvalidInput InvalidIntegrationStateFault InvalidState \
                KMSKeyNotAccessibleFault MLTransformNotReady MaterializedViewRefreshTaskNotRunning \
                MaterializedViewRefreshTaskRunning MaterializedViewRefreshTaskStopping NoSchedule \
                OperationNotSupported OperationTimeout PermissionTypeMismatch ResourceNotFound ResourceNotReady \
                ResourceNumberLimitExceeded SchedulerNotRunning SchedulerRunning SchedulerTransitioning SessionBusy \
                TargetResourceNotFound Throttling Validation VersionMismatch
                """),
        SDKService(
            name: "iam", title: "Iam", client: "iam",
            renamed: """
                AWSServiceName MFADevices QRCodePNG SAMLKeyHashes SAMLMetadataDocument SAMLProviderArn \
                SAMLProviderList SAMLProviderUUID SSHPublicKey SSHPublicKeyBody SSHPublicKeyId SSHPublicKeys \
                isTruncated!
                """,
            instants: """
                CreateDate CreateTimestamp EnableDate Expiration ExpirationDate ExpirationTime GeneratedTime \
                JobCompletionDate JobCreationDate LastAccessedTime LastAuthenticated LastAuthenticatedTime \
                LastUsedDate PasswordLastUsed Timestamp UpdateDate UpdateTimestamp UpdatedTime UploadDate ValidUntil
                """,
            maps: "Certifications EvalDecisionDetails Properties ReplacementValues SummaryMap",
            documents: "AssumeRolePolicyDocument PolicyDocument",
            errors: """
                AccountNotManagementOrDelegatedAdministrator CallerIsNotManagementAccount ConcurrentModification \
                CredentialReportExpired CredentialReportNotPresent CredentialReportNotReady DeleteConflict \
                DuplicateCertificate DuplicateSSHPublicKey EntityAlreadyExists EntityTemporarilyUnmodifiable \
                FeatureDisabled FeatureEnabled InvalidAuthenticationCode InvalidCertificate InvalidInput \
                InvalidPublicKey InvalidUserType KeyPairMismatch LimitExceeded MalformedCertificate \
                MalformedPolicyDocument NameConflict NoSuchEntity NotSupportedService OpenIdIdpCommunicationError \
                OrganizationNotFound OrganizationNotInAllFeaturesMode PasswordPolicyViolation PolicyEvaluation \
                PolicyNotAttachable ReportExpired ReportGenerationLimitExceeded ReportInProgress ReportNotPresent \
                RoleModified RoleTemplateDisabled ServiceAccessNotEnabled ServiceFailure ServiceNotSupported \
                UnmodifiableEntity UnrecognizedPublicKeyEncoding
                """),
        SDKService(
            name: "kinesis", title: "Kinesis", client: "kinesis",
            renamed: """
                GSRSchemaARN KMSAccessDeniedException KMSDisabledException KMSInvalidStateException \
                KMSNotFoundException KMSOptInRequired KMSThrottlingException message
                """,
            instants: """
                ApproximateArrivalTimestamp ChannelCreationTimestamp ConsumerCreationTimestamp EarliestAllowedEndAt \
                EndedAt FirstReceiveTimestamp QueueCreationTimestamp StartedAt StreamCreationTimestamp Timestamp
                """,
            contents: "Data",
            errors: """
                AccessDenied DryRunOperation ExpiredIterator ExpiredNextToken InternalFailure InvalidArgument \
                KMSAccessDenied KMSDisabled KMSInvalidState KMSNotFound KMSOptInRequired KMSThrottling LimitExceeded \
                ProvisionedThroughputExceeded ResourceInUse ResourceNotFound Throttling Validation
                """),
        SDKService(
            name: "kms", title: "Kms", client: "kms",
            renamed: "AWSAccountId",
            instants: """
                CreationDate DeletionDate KeyCreationDate LastUpdatedDate NextRotationDate OnDemandRotationStartDate \
                ParametersValidTo RotationDate Timestamp TrackingStartDate ValidTo
                """,
            maps: """
                DestinationEncryptionContext EncryptionContext EncryptionContextEquals EncryptionContextSubset \
                SourceEncryptionContext
                """,
            documents: "Policy",
            errors: """
                AlreadyExists CloudHsmClusterInUse CloudHsmClusterInvalidConfiguration CloudHsmClusterNotActive \
                CloudHsmClusterNotFound CloudHsmClusterNotRelated Conflict CustomKeyStoreHasCMKs \
                CustomKeyStoreInvalidState CustomKeyStoreNameInUse CustomKeyStoreNotFound DependencyTimeout Disabled \
                DryRunOperation ExpiredImportToken IncorrectKey IncorrectKeyMaterial IncorrectTrustAnchor \
                InvalidAliasName InvalidArn InvalidCiphertext InvalidGrantId InvalidGrantToken InvalidImportToken \
                InvalidKeyUsage InvalidMarker KMSInternal KMSInvalidMac KMSInvalidSignature KMSInvalidState \
                KeyUnavailable LimitExceeded MalformedPolicyDocument NotFound Tag UnsupportedOperation \
                XksKeyAlreadyInUse XksKeyInvalidConfiguration XksKeyNotFound \
                XksProxyIncorrectAuthenticationCredential XksProxyInvalidConfiguration XksProxyInvalidResponse \
                XksProxyUriEndpointInUse XksProxyUriInUse XksProxyUriUnreachable XksProxyVpcEndpointServiceInUse \
                XksProxyVpcEndpointServiceInvalidConfiguration XksProxyVpcEndpointServiceNotFound
                """),
        SDKService(
            name: "lambda", title: "Lambda", client: "lambda",
            renamed: "KMSKeyArn! URI UUID",
            instants: """
                DeletionRequestTimestamp EndTimestamp EventTimestamp ExpectedExecutionTimeoutTimestamp \
                NextAttemptTimestamp PauseRequestTimestamp ResumeRequestTimestamp ScheduledEndTimestamp \
                StartTimestamp StartedAfter StartedBefore StartingPositionTimestamp StopTimestamp
                """,
            maps: "AdditionalVersionWeights Endpoints ExplicitTags Tags Variables",
            errors: """
                AliasLimitExceeded CallbackTimeout CapacityProviderLimitExceeded CodeArtifactUserDeleted \
                CodeArtifactUserFailed CodeArtifactUserPending CodeSigningConfigNotFound CodeStorageExceeded \
                CodeVerificationFailed DurableExecutionAlreadyStarted EC2AccessDenied EC2Throttled EC2Unexpected \
                EFSIO EFSMountConnectivity EFSMountFailure EFSMountTimeout ENILimitReached ENINotReady \
                FunctionVersionsPerCapacityProviderLimitExceeded InvalidCodeSignature InvalidParameterValue \
                InvalidRequestContent InvalidRuntime InvalidSecurityGroupID InvalidSubnetID InvalidZipFile \
                KMSAccessDenied KMSDisabled KMSInvalidState KMSNotFound ModeNotSupported NoPublishedVersion \
                PolicyLengthExceeded PreconditionFailed ProvisionedConcurrencyConfigNotFound PublicPolicy \
                RecursiveInvocation RequestTooLarge ResourceConflict ResourceInUse ResourceNotFound ResourceNotReady \
                RuntimeAliasDeleted RuntimeVersionDeleted S3FilesMountConnectivity S3FilesMountFailure \
                S3FilesMountTimeout SerializedRequestEntityTooLarge Service ServiceQuotaExceeded SnapStart \
                SnapStartNotReady SnapStartRegenerationFailure SnapStartTimeout SubnetIPAddressLimitReached \
                TooManyRequests UnsupportedMediaType
                """),
        SDKService(
            name: "pricing", title: "Pricing", client: "pricing",
            instants: "EffectiveDate",
            errors: """
                AccessDenied ExpiredNextToken InternalError InvalidNextToken InvalidParameter NotFound \
                ResourceNotFound Throttling
                """),
        SDKService(
            name: "resourcegroupstaggingapi", title: "ResourceGroupsTaggingApi", client: "tagging",
            maps: "FailedResourcesMap",
            errors: """
                ConcurrentModification ConstraintViolation InternalService InvalidParameter PaginationTokenExpired \
                Throttled
                """),
        SDKService(
            name: "s3", title: "S3", client: "s3",
            renamed: """
                ACL CORSConfiguration CORSRules CSV ID! JSON KMSContext KMSKeyArn! KMSKeyId KMSMasterKeyID MFA \
                MFADelete SSEAlgorithm! SSECustomerAlgorithm SSECustomerKey SSECustomerKeyMD5 SSEKMS \
                SSEKMSEncryptionContext SSEKMSKeyId SSES3 URI
                """,
            instants: """
                AbortDate CopySourceIfModifiedSince CopySourceIfUnmodifiedSince CreationDate Date \
                DestinationIfModifiedSince DestinationIfUnmodifiedSince Expires IfMatchInitiatedTime \
                IfMatchLastModifiedTime IfModifiedSince IfUnmodifiedSince Initiated LastModified LastModifiedTime \
                ObjectLockRetainUntilDate ResponseExpires RestoreExpiryDate RetainUntilDate SourceIfModifiedSince \
                SourceIfUnmodifiedSince
                """,
            maps: "Metadata",
            errors: """
                AccessDenied AnnotationLimitExceeded AnnotationNameTooLong BucketAlreadyExists \
                BucketAlreadyOwnedByYou EncryptionTypeMismatch IdempotencyParameterMismatch InvalidAnnotationName \
                InvalidObjectState InvalidPrefix InvalidRequest InvalidWriteOffset NoSuchAnnotation NoSuchBucket \
                NoSuchKey NoSuchUpload ObjectAlreadyInActiveTierError ObjectNotInActiveTierError TooManyParts \
                UnsupportedMediaType
                """),
        SDKService(
            name: "secretsmanager", title: "SecretsManager", client: "secretsmanager",
            renamed: "ARN",
            instants: """
                CreatedDate DeletedDate DeletionDate LastAccessedDate LastChangedDate LastRotatedDate \
                NextRotationDate
                """,
            maps: "SecretVersionsToStages VersionIdsToStages",
            documents: "ResourcePolicy SecretString",
            errors: """
                DecryptionFailure EncryptionFailure InternalServiceError InvalidNextToken InvalidParameter \
                InvalidRequest LimitExceeded MalformedPolicyDocument PreconditionNotMet PublicPolicy ResourceExists \
                ResourceNotFound
                """),
        SDKService(
            name: "sns", title: "Sns", client: "sns",
            renamed: "AWSAccountId attributes! isOptedOut nextToken! phoneNumber! phoneNumbers!",
            instants: "CreatedAt",
            maps: "Attributes MessageAttributes attributes",
            documents: "Message",
            errors: """
                AuthorizationError BatchEntryIdsNotDistinct BatchRequestTooLong ConcurrentAccess EmptyBatchRequest \
                EndpointDisabled FilterPolicyLimitExceeded InternalError InvalidBatchEntryId InvalidParameter \
                InvalidParameterValue InvalidSecurity InvalidState KMSAccessDenied KMSDisabled KMSInvalidState \
                KMSNotFound KMSOptInRequired KMSThrottling NotFound OptedOut ParameterValueInvalid \
                PlatformApplicationDisabled ReplayLimitExceeded ResourceNotFound StaleTag SubscriptionLimitExceeded \
                TagLimitExceeded TagPolicy Throttled TooManyEntriesInBatchRequest TopicLimitExceeded UserError \
                Validation Verification
                """),
        SDKService(
            name: "sqs", title: "Sqs", client: "sqs",
            renamed: """
                AWSAccountIds MD5OfBody MD5OfMessageAttributes MD5OfMessageBody MD5OfMessageSystemAttributes \
                queueUrls! tags!
                """,
            maps: "Attributes MessageAttributes MessageSystemAttributes Tags tags",
            documents: "MessageBody",
            errors: """
                BatchEntryIdsNotDistinct BatchRequestTooLong EmptyBatchRequest InvalidAddress InvalidAttributeName \
                InvalidAttributeValue InvalidBatchEntryId InvalidIdFormat InvalidMessageContents InvalidSecurity \
                KmsAccessDenied KmsDisabled KmsInvalidKeyUsage KmsInvalidState KmsNotFound KmsOptInRequired \
                KmsThrottled MessageNotInflight OverLimit PurgeQueueInProgress QueueDeletedRecently QueueDoesNotExist \
                QueueNameExists ReceiptHandleIsInvalid RequestThrottled ResourceNotFound TooManyEntriesInBatchRequest \
                UnsupportedOperation
                """),
        SDKService(
            name: "ssm", title: "Ssm", client: "ssm",
            renamed: "ARN! AWSKMSKeyARN CVEIds IPAddress! KBId key! value! valueSet",
            instants: """
                ActualEndTime ActualStartTime ApprovalDate CreateTime CreatedAt CreatedDate CreatedTime CreationDate \
                Date DeletionStartTime EndTime EndedAt ExecutionDate ExecutionEndTime ExecutionStartTime \
                ExpirationDate ExpirationTime ExpiresAfter InstalledTime LastAssociationExecutionDate \
                LastExecutionDate LastModifiedDate LastModifiedTime LastNoRebootInstallOperationTime LastPingDateTime \
                LastStatusUpdateTime LastSuccessfulAssociationExecutionDate LastSuccessfulExecutionDate \
                LastSuccessfulSyncTime LastSyncTime LastUpdateAssociationDate LaunchTime ModifiedDate \
                OperationEndTime OperationStartTime PlannedEndTime PlannedStartTime RegistrationDate ReleaseDate \
                RequestedDateTime ResponseFinishDateTime ResponseStartDateTime ReviewedTime ScheduledEndTime \
                ScheduledTime StartTime SyncCreatedTime SyncLastModifiedTime UpdatedAt UpdatedTime
                """,
            maps: """
                AssociationStatusAggregatedCount Content Context Data Details Inputs \
                InstanceAssociationStatusAggregatedCount MetadataToUpdate OperationalData Outputs \
                OverriddenParameters Payload Properties StepPreviews Summary TargetMaps TaskParameters Values \
                Variables
                """,
            documents: "Content Value",
            errors: """
                AccessDenied AlreadyExists AssociatedInstances AssociationAlreadyExists AssociationDoesNotExist \
                AssociationExecutionDoesNotExist AssociationLimitExceeded AssociationVersionLimitExceeded \
                AutomationDefinitionNotApproved AutomationDefinitionNotFound AutomationDefinitionVersionNotFound \
                AutomationExecutionLimitExceeded AutomationExecutionNotFound AutomationStepNotFound \
                ComplianceTypeCountLimitExceeded Conflict CustomSchemaCountLimitExceeded DocumentAlreadyExists \
                DocumentLimitExceeded DocumentPermissionLimit DocumentVersionLimitExceeded DoesNotExist \
                DuplicateDocumentContent DuplicateDocumentVersionName DuplicateInstanceId FeatureNotAvailable \
                HierarchyLevelLimitExceeded HierarchyTypeMismatch IdempotentParameterMismatch IncompatiblePolicy \
                InternalServerError InvalidActivation InvalidActivationId InvalidAggregator InvalidAllowedPattern \
                InvalidAssociation InvalidAssociationVersion InvalidAutomationExecutionParameters \
                InvalidAutomationSignal InvalidAutomationStatusUpdate InvalidCommandId \
                InvalidDeleteInventoryParameters InvalidDeletionId InvalidDocument InvalidDocumentContent \
                InvalidDocumentOperation InvalidDocumentSchemaVersion InvalidDocumentType InvalidDocumentVersion \
                InvalidFilter InvalidFilterKey InvalidFilterOption InvalidFilterValue InvalidInstanceId \
                InvalidInstanceInformationFilterValue InvalidInstancePropertyFilterValue InvalidInventoryGroup \
                InvalidInventoryItemContext InvalidInventoryRequest InvalidItemContent InvalidKeyId InvalidNextToken \
                InvalidNotificationConfig InvalidOption InvalidOutputFolder InvalidOutputLocation InvalidParameters \
                InvalidPermissionType InvalidPluginName InvalidPolicyAttribute InvalidPolicyType InvalidResourceId \
                InvalidResourceType InvalidResultAttribute InvalidRole InvalidSchedule InvalidTag InvalidTarget \
                InvalidTargetMaps InvalidTypeName InvalidUpdate InvocationDoesNotExist ItemContentMismatch \
                ItemSizeLimitExceeded MalformedResourcePolicyDocument MaxDocumentSizeExceeded NoLongerSupported \
                OpsItemAccessDenied OpsItemAlreadyExists OpsItemConflict OpsItemInvalidParameter OpsItemLimitExceeded \
                OpsItemNotFound OpsItemRelatedItemAlreadyExists OpsItemRelatedItemAssociationNotFound \
                OpsMetadataAlreadyExists OpsMetadataInvalidArgument OpsMetadataKeyLimitExceeded \
                OpsMetadataLimitExceeded OpsMetadataNotFound OpsMetadataTooManyUpdates ParameterAlreadyExists \
                ParameterLimitExceeded ParameterMaxVersionLimitExceeded ParameterNotFound ParameterPatternMismatch \
                ParameterVersionLabelLimitExceeded ParameterVersionNotFound PoliciesLimitExceeded \
                ResourceDataSyncAlreadyExists ResourceDataSyncConflict ResourceDataSyncCountExceeded \
                ResourceDataSyncInvalidConfiguration ResourceDataSyncNotFound ResourceInUse ResourceLimitExceeded \
                ResourceNotFound ResourcePolicyConflict ResourcePolicyInvalidParameter ResourcePolicyLimitExceeded \
                ResourcePolicyNotFound ServiceQuotaExceeded ServiceSettingNotFound StatusUnchanged \
                SubTypeCountLimitExceeded TargetInUse TargetNotConnected Throttling TooManyTagsError TooManyUpdates \
                TotalSizeLimitExceeded UnsupportedCalendar UnsupportedFeatureRequired UnsupportedInventoryItemContext \
                UnsupportedInventorySchemaVersion UnsupportedOperatingSystem UnsupportedOperation \
                UnsupportedParameterType UnsupportedPlatformType Validation
                """),
        SDKService(
            name: "sts", title: "Sts", client: "sts",
            renamed: "SAMLAssertion arn!",
            instants: "Expiration",
            maps: "IdentityProvider",
            errors: """
                ExpiredToken ExpiredTradeInToken IDPCommunicationError IDPRejectedClaim InsufficientSessionLifetime \
                InvalidAuthorizationMessage InvalidContextAssertion InvalidIdentityToken InvalidSubjectCredentials \
                JWTPayloadSizeExceeded MalformedPolicyDocument OutboundWebIdentityFederationDisabled \
                PackedPolicyTooLarge RegionDisabled SessionDurationEscalation
                """),
    ]
}
