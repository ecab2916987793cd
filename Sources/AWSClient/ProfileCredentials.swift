extension CredentialSource {
    /// The profile that `AWS_PROFILE` names, or `default`, in the shared configuration files: keys, or a role to assume
    /// with the keys of another profile, of a web identity or of another source.
    static func profile(_ surroundings: CredentialSurroundings) -> CredentialSource {
        CredentialSource(name: "shared configuration files") {
            do throws(AWSConfigurationError) {
                let shared = try SharedConfiguration.load(environment: surroundings.environment)
                let profiles = ProfileCredentials(surroundings: surroundings, profiles: shared.profiles)
                let name = AWSConfiguration.profileName(surroundings.environment)
                let isChosen = surroundings["AWS_PROFILE"] != nil || surroundings["AWS_DEFAULT_PROFILE"] != nil
                guard isChosen || shared.profiles[name] != nil else { return .absent("there is no profile '\(name)'") }
                return await profiles.credentials(of: name, askedBy: [])
            } catch {
                return .failed(error.description)
            }
        }
    }
}

private struct ProfileCredentials: Sendable {
    let surroundings: CredentialSurroundings
    let profiles: [String: [String: String]]

    /// `askers` are the profiles that lead here through `source_profile`.
    func credentials(of name: String, askedBy askers: [String]) async -> CredentialOutcome {
        guard let profile = profiles[name] else { return .failed("there is no profile '\(name)'") }
        // A profile may name itself as its source, for the keys beside its role.
        if askers.last == name { return keys(in: profile, name) }
        guard !askers.contains(name) else {
            return .failed("the profiles \((askers + [name]).joined(separator: " → ")) name each other as source")
        }
        if let roleARN = profile["role_arn"] { return await role(roleARN, profile, name, askers) }
        return keys(in: profile, name)
    }

    private func keys(in profile: [String: String], _ name: String) -> CredentialOutcome {
        switch (profile["aws_access_key_id"], profile["aws_secret_access_key"]) {
        case (let identifier?, let secret?):
            return .found(
                AWSCredentials(
                    accessKeyID: identifier, secretAccessKey: secret, sessionToken: profile["aws_session_token"]))
        case (nil, nil): break
        default:
            return .failed(
                "the profile '\(name)' has only one of aws_access_key_id and aws_secret_access_key; write both")
        }
        for setting in ["credential_process", "sso_session", "sso_start_url", "login_session"]
        where profile[setting] != nil {
            return .failed(
                "the profile '\(name)' uses \(setting), which is not supported; "
                    + "pass keys on with 'aws configure export-credentials --profile \(name) --format env'")
        }
        return .absent("the profile '\(name)' holds no credentials")
    }

    private func role(
        _ roleARN: String, _ profile: [String: String], _ name: String, _ askers: [String]
    ) async -> CredentialOutcome {
        let role = AssumedRole(
            surroundings: surroundings, roleARN: roleARN, sessionName: profile["role_session_name"],
            externalID: profile["external_id"], durationSeconds: profile["duration_seconds"])
        if profile["mfa_serial"] != nil {
            return .failed("the profile '\(name)' wants a code of a device (mfa_serial), which a service cannot give")
        }
        if let tokenFile = profile["web_identity_token_file"] { return await role.credentials(tokenFile: tokenFile) }

        let outcome: CredentialOutcome
        switch (profile["source_profile"], profile["credential_source"]) {
        case (let source?, nil):
            outcome = await credentials(of: source, askedBy: askers + [name])
        case (nil, let source?):
            guard let named = self.source(named: source) else {
                return .failed(
                    "the profile '\(name)' has credential_source = \(source); "
                        + "write Environment, Ec2InstanceMetadata or EcsContainer")
            }
            outcome = await named.load()
        default:
            return .failed(
                "the profile '\(name)' has role_arn; give it source_profile or credential_source, one of both")
        }
        switch outcome {
        case .found(let source): return await role.credentials(assumedBy: source)
        case .absent(let reason), .failed(let reason):
            return .failed("the source of the profile '\(name)' has no credentials: \(reason)")
        }
    }

    private func source(named name: String) -> CredentialSource? {
        switch name {
        case "Environment": .environment(surroundings)
        case "Ec2InstanceMetadata": .instanceMetadata(surroundings)
        case "EcsContainer": .container(surroundings)
        default: nil
        }
    }
}
