import WallTime

extension CredentialSource {
    /// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and, for temporary keys, `AWS_SESSION_TOKEN` and
    /// `AWS_CREDENTIAL_EXPIRATION`.
    static func environment(_ surroundings: CredentialSurroundings) -> CredentialSource {
        CredentialSource(name: "environment") {
            switch (surroundings["AWS_ACCESS_KEY_ID"], surroundings["AWS_SECRET_ACCESS_KEY"]) {
            case (let identifier?, let secret?):
                .found(
                    AWSCredentials(
                        accessKeyID: identifier, secretAccessKey: secret,
                        sessionToken: surroundings["AWS_SESSION_TOKEN"] ?? surroundings["AWS_SECURITY_TOKEN"],
                        expiration: surroundings["AWS_CREDENTIAL_EXPIRATION"].flatMap(Instant.init(iso8601:))))
            case (nil, nil): .absent("AWS_ACCESS_KEY_ID is not set")
            case (_?, nil): .failed("AWS_ACCESS_KEY_ID is set, but not AWS_SECRET_ACCESS_KEY")
            case (nil, _?): .failed("AWS_SECRET_ACCESS_KEY is set, but not AWS_ACCESS_KEY_ID")
            }
        }
    }
}
