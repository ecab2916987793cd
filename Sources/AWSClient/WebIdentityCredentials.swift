extension CredentialSource {
    /// `AWS_WEB_IDENTITY_TOKEN_FILE` with `AWS_ROLE_ARN`, as Kubernetes sets them for a service account.
    static func webIdentity(_ surroundings: CredentialSurroundings) -> CredentialSource {
        CredentialSource(name: "web identity") {
            guard let path = surroundings["AWS_WEB_IDENTITY_TOKEN_FILE"] else {
                return .absent("AWS_WEB_IDENTITY_TOKEN_FILE is not set")
            }
            guard let role = surroundings["AWS_ROLE_ARN"] else {
                return .failed("AWS_WEB_IDENTITY_TOKEN_FILE is set, but not AWS_ROLE_ARN")
            }
            let name = surroundings["AWS_ROLE_SESSION_NAME"]
            return await AssumedRole(surroundings: surroundings, roleARN: role, sessionName: name)
                .credentials(tokenFile: path)
        }
    }
}
