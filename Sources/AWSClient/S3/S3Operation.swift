/// One S3 operation: how its request is made and which members its answer has (S3's API reference).
struct S3Operation: Sendable {
    /// What the path names.
    enum Target { case account, bucket, object }

    /// What the request's body is made of, or what the answer's gives.
    enum Body: Equatable {
        case none
        /// The member holds the bytes themselves.
        case bytes(member: String)
        /// The member is an XML document of that root.
        case document(member: String)
        /// The XML document's members are the answer's.
        case members
    }

    let name: String
    let method: String
    let target: Target
    /// Always in the query.
    let query: [(name: String, value: String)]
    let queryMembers: [String]
    let headerMembers: [String]
    /// Whether request or answer carry the object's own metadata (`x-amz-meta-…`).
    let sendsMetadata: Bool
    let requestBody: Body
    let answerMembers: [String]
    let givesMetadata: Bool
    let answerBody: Body

    private init(
        _ name: String, _ method: String, _ target: Target, query: [(name: String, value: String)] = [],
        queryMembers: String = "", headerMembers: String = "", sendsMetadata: Bool = false, requestBody: Body = .none,
        answerMembers: String = "", givesMetadata: Bool = false, answerBody: Body = .none
    ) {
        self.name = name
        self.method = method
        self.target = target
        self.query = query
        self.queryMembers = Self.words(queryMembers)
        self.headerMembers = Self.words(headerMembers)
        self.sendsMetadata = sendsMetadata
        self.requestBody = requestBody
        self.answerMembers = Self.words(answerMembers)
        self.givesMetadata = givesMetadata
        self.answerBody = answerBody
    }

    /// Nil for an operation that is not in the table.
    static func named(_ name: String) -> S3Operation? { table[name] }

    static var names: [String] { table.keys.sorted() }

    private static func words(_ text: String) -> [String] {
        text.split(whereSeparator: \.isWhitespace).map(String.init)
    }

    // MARK: The table

    private static let checksums = """
        ChecksumCRC32 ChecksumCRC32C ChecksumCRC64NVME ChecksumSHA1 ChecksumSHA256 ChecksumSHA512 ChecksumMD5 \
        ChecksumXXHASH64 ChecksumXXHASH3 ChecksumXXHASH128
        """
    private static let locks = """
        ObjectLockMode ObjectLockRetainUntilDate ObjectLockLegalHoldStatus ObjectLockEventHold \
        ObjectLockEventHoldDurationDays ObjectLockEventHoldDurationYears
        """
    private static let customerKey = "SSECustomerAlgorithm SSECustomerKey SSECustomerKeyMD5"
    private static let readQuery = """
        ResponseCacheControl ResponseContentDisposition ResponseContentEncoding ResponseContentLanguage \
        ResponseContentType ResponseExpires VersionId PartNumber
        """
    private static let readHeaders = """
        IfMatch IfModifiedSince IfNoneMatch IfUnmodifiedSince Range \(customerKey) RequestPayer ExpectedBucketOwner \
        ChecksumMode
        """
    private static let readAnswer = """
        DeleteMarker AcceptRanges Expiration Restore LastModified ContentLength ETag \(checksums) ChecksumType \
        MissingMeta VersionId CacheControl ContentDisposition ContentEncoding ContentLanguage ContentRange ContentType \
        Expires WebsiteRedirectLocation ServerSideEncryption SSECustomerAlgorithm SSECustomerKeyMD5 SSEKMSKeyId \
        BucketKeyEnabled StorageClass RequestCharged ReplicationStatus PartsCount TagCount \(locks)
        """
    private static let writeHeaders = """
        ACL CacheControl ChecksumAlgorithm ContentDisposition ContentEncoding ContentLanguage ContentType Expires \
        GrantFullControl GrantRead GrantReadACP GrantWriteACP IfMatch IfNoneMatch ServerSideEncryption StorageClass \
        WebsiteRedirectLocation \(customerKey) SSEKMSKeyId SSEKMSEncryptionContext BucketKeyEnabled RequestPayer \
        Tagging \(locks) ExpectedBucketOwner
        """
    private static let writeAnswer = """
        Expiration ServerSideEncryption VersionId SSECustomerAlgorithm SSECustomerKeyMD5 SSEKMSKeyId \
        SSEKMSEncryptionContext BucketKeyEnabled RequestCharged
        """

    private static let table: [String: S3Operation] = {
        let operations = objectOperations + bucketOperations
        return Dictionary(uniqueKeysWithValues: operations.map { ($0.name, $0) })
    }()

    private static let objectOperations = [
        S3Operation(
            "GetObject", "GET", .object, queryMembers: readQuery, headerMembers: readHeaders,
            answerMembers: readAnswer, givesMetadata: true, answerBody: .bytes(member: "Body")),
        S3Operation(
            "HeadObject", "HEAD", .object, queryMembers: readQuery, headerMembers: readHeaders,
            answerMembers: readAnswer + " ArchiveStatus", givesMetadata: true),
        S3Operation(
            "PutObject", "PUT", .object,
            headerMembers: "\(writeHeaders) \(checksums) ContentLength ContentMD5 WriteOffsetBytes",
            sendsMetadata: true, requestBody: .bytes(member: "Body"),
            answerMembers: "\(writeAnswer) ETag \(checksums) ChecksumType Size"),
        S3Operation(
            "CopyObject", "PUT", .object,
            headerMembers: """
                \(writeHeaders) CopySource CopySourceIfMatch CopySourceIfModifiedSince CopySourceIfNoneMatch \
                CopySourceIfUnmodifiedSince MetadataDirective TaggingDirective AnnotationDirective \
                CopySourceSSECustomerAlgorithm CopySourceSSECustomerKey CopySourceSSECustomerKeyMD5 \
                ExpectedSourceBucketOwner
                """,
            sendsMetadata: true, answerMembers: "\(writeAnswer) CopySourceVersionId",
            answerBody: .document(member: "CopyObjectResult")),
        S3Operation(
            "DeleteObject", "DELETE", .object, queryMembers: "VersionId",
            headerMembers: """
                MFA RequestPayer BypassGovernanceRetention ExpectedBucketOwner IfMatch IfMatchLastModifiedTime \
                IfMatchSize
                """,
            answerMembers: "DeleteMarker VersionId RequestCharged"),
    ]

    private static let bucketOperations = [
        S3Operation(
            "ListObjectsV2", "GET", .bucket, query: [("list-type", "2")],
            queryMembers: "Delimiter EncodingType MaxKeys Prefix ContinuationToken FetchOwner StartAfter",
            headerMembers: "RequestPayer ExpectedBucketOwner OptionalObjectAttributes",
            answerMembers: "RequestCharged", answerBody: .members),
        S3Operation(
            "ListBuckets", "GET", .account, queryMembers: "MaxBuckets ContinuationToken Prefix BucketRegion",
            answerBody: .members),
        S3Operation(
            "CreateBucket", "PUT", .bucket,
            headerMembers: """
                ACL GrantFullControl GrantRead GrantReadACP GrantWrite GrantWriteACP ObjectLockEnabledForBucket \
                ObjectOwnership BucketNamespace
                """,
            requestBody: .document(member: "CreateBucketConfiguration"), answerMembers: "Location BucketArn"),
        S3Operation("DeleteBucket", "DELETE", .bucket, headerMembers: "ExpectedBucketOwner"),
        S3Operation(
            "HeadBucket", "HEAD", .bucket, headerMembers: "ExpectedBucketOwner",
            answerMembers: "BucketArn BucketLocationType BucketLocationName BucketRegion AccessPointAlias"),
    ]
}
