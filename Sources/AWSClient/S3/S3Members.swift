/// The members of S3's requests and answers that travel in headers and in queries, from S3's API reference.
///
/// A member has the same header and the same type wherever it occurs; which operation has which is in `S3Operation`.
enum S3Members {
    /// How a member's value is written. JSON has no dates: there they are ISO 8601.
    enum Kind { case text, integer, boolean, httpDate, isoDate, list }

    static let headers: [String: String] = pairs(
        """
        ACL x-amz-acl
        AcceptRanges Accept-Ranges
        AccessPointAlias x-amz-access-point-alias
        AnnotationDirective x-amz-object-annotation-directive
        ArchiveStatus x-amz-archive-status
        BucketArn x-amz-bucket-arn
        BucketKeyEnabled x-amz-server-side-encryption-bucket-key-enabled
        BucketLocationName x-amz-bucket-location-name
        BucketLocationType x-amz-bucket-location-type
        BucketNamespace x-amz-bucket-namespace
        BucketRegion x-amz-bucket-region
        BypassGovernanceRetention x-amz-bypass-governance-retention
        CacheControl Cache-Control
        ChecksumAlgorithm x-amz-checksum-algorithm
        ChecksumCRC32 x-amz-checksum-crc32
        ChecksumCRC32C x-amz-checksum-crc32c
        ChecksumCRC64NVME x-amz-checksum-crc64nvme
        ChecksumMD5 x-amz-checksum-md5
        ChecksumMode x-amz-checksum-mode
        ChecksumSHA1 x-amz-checksum-sha1
        ChecksumSHA256 x-amz-checksum-sha256
        ChecksumSHA512 x-amz-checksum-sha512
        ChecksumType x-amz-checksum-type
        ChecksumXXHASH128 x-amz-checksum-xxhash128
        ChecksumXXHASH3 x-amz-checksum-xxhash3
        ChecksumXXHASH64 x-amz-checksum-xxhash64
        ContentDisposition Content-Disposition
        ContentEncoding Content-Encoding
        ContentLanguage Content-Language
        ContentLength Content-Length
        ContentMD5 Content-MD5
        ContentRange Content-Range
        ContentType Content-Type
        CopySource x-amz-copy-source
        CopySourceIfMatch x-amz-copy-source-if-match
        CopySourceIfModifiedSince x-amz-copy-source-if-modified-since
        CopySourceIfNoneMatch x-amz-copy-source-if-none-match
        CopySourceIfUnmodifiedSince x-amz-copy-source-if-unmodified-since
        CopySourceSSECustomerAlgorithm x-amz-copy-source-server-side-encryption-customer-algorithm
        CopySourceSSECustomerKey x-amz-copy-source-server-side-encryption-customer-key
        CopySourceSSECustomerKeyMD5 x-amz-copy-source-server-side-encryption-customer-key-MD5
        CopySourceVersionId x-amz-copy-source-version-id
        DeleteMarker x-amz-delete-marker
        ETag ETag
        ExpectedBucketOwner x-amz-expected-bucket-owner
        ExpectedSourceBucketOwner x-amz-source-expected-bucket-owner
        Expiration x-amz-expiration
        Expires Expires
        GrantFullControl x-amz-grant-full-control
        GrantRead x-amz-grant-read
        GrantReadACP x-amz-grant-read-acp
        GrantWrite x-amz-grant-write
        GrantWriteACP x-amz-grant-write-acp
        IfMatch If-Match
        IfMatchLastModifiedTime x-amz-if-match-last-modified-time
        IfMatchSize x-amz-if-match-size
        IfModifiedSince If-Modified-Since
        IfNoneMatch If-None-Match
        IfUnmodifiedSince If-Unmodified-Since
        LastModified Last-Modified
        Location Location
        MFA x-amz-mfa
        MetadataDirective x-amz-metadata-directive
        MissingMeta x-amz-missing-meta
        ObjectLockEnabledForBucket x-amz-bucket-object-lock-enabled
        ObjectLockEventHold x-amz-object-lock-event-hold
        ObjectLockEventHoldDurationDays x-amz-object-lock-event-hold-duration-days
        ObjectLockEventHoldDurationYears x-amz-object-lock-event-hold-duration-years
        ObjectLockLegalHoldStatus x-amz-object-lock-legal-hold
        ObjectLockMode x-amz-object-lock-mode
        ObjectLockRetainUntilDate x-amz-object-lock-retain-until-date
        ObjectOwnership x-amz-object-ownership
        OptionalObjectAttributes x-amz-optional-object-attributes
        PartsCount x-amz-mp-parts-count
        Range Range
        ReplicationStatus x-amz-replication-status
        RequestCharged x-amz-request-charged
        RequestPayer x-amz-request-payer
        Restore x-amz-restore
        SSECustomerAlgorithm x-amz-server-side-encryption-customer-algorithm
        SSECustomerKey x-amz-server-side-encryption-customer-key
        SSECustomerKeyMD5 x-amz-server-side-encryption-customer-key-MD5
        SSEKMSEncryptionContext x-amz-server-side-encryption-context
        SSEKMSKeyId x-amz-server-side-encryption-aws-kms-key-id
        ServerSideEncryption x-amz-server-side-encryption
        Size x-amz-object-size
        StorageClass x-amz-storage-class
        TagCount x-amz-tagging-count
        Tagging x-amz-tagging
        TaggingDirective x-amz-tagging-directive
        VersionId x-amz-version-id
        WebsiteRedirectLocation x-amz-website-redirect-location
        WriteOffsetBytes x-amz-write-offset-bytes
        """)

    static let queryNames: [String: String] = pairs(
        """
        BucketRegion bucket-region
        ContinuationToken continuation-token
        Delimiter delimiter
        EncodingType encoding-type
        FetchOwner fetch-owner
        MaxBuckets max-buckets
        MaxKeys max-keys
        PartNumber partNumber
        Prefix prefix
        ResponseCacheControl response-cache-control
        ResponseContentDisposition response-content-disposition
        ResponseContentEncoding response-content-encoding
        ResponseContentLanguage response-content-language
        ResponseContentType response-content-type
        ResponseExpires response-expires
        StartAfter start-after
        VersionId versionId
        """)

    static func kind(of member: String) -> Kind { kinds[member] ?? .text }

    private static let kinds: [String: Kind] = {
        var kinds: [String: Kind] = [:]
        for (kind, names) in [
            (
                Kind.integer,
                """
                ContentLength IfMatchSize KeyCount MaxBuckets MaxKeys MissingMeta ObjectLockEventHoldDurationDays \
                ObjectLockEventHoldDurationYears PartNumber PartsCount Size TagCount WriteOffsetBytes
                """
            ),
            (
                .boolean,
                """
                AccessPointAlias BucketKeyEnabled BypassGovernanceRetention DeleteMarker FetchOwner IsRestoreInProgress \
                IsTruncated ObjectLockEnabledForBucket
                """
            ),
            (
                .httpDate,
                """
                CopySourceIfModifiedSince CopySourceIfUnmodifiedSince Expires IfMatchLastModifiedTime IfModifiedSince \
                IfUnmodifiedSince LastModified ResponseExpires
                """
            ),
            (.isoDate, "CreationDate ObjectLockRetainUntilDate RestoreExpiryDate"),
            (.list, "OptionalObjectAttributes"),
        ] {
            for name in names.split(separator: " ") { kinds[String(name)] = kind }
        }
        return kinds
    }()

    private static func pairs(_ lines: String) -> [String: String] {
        var result: [String: String] = [:]
        for line in lines.split(separator: "\n") {
            let words = line.split(separator: " ")
            result[String(words[0])] = String(words[1])
        }
        return result
    }
}
