import Foundation
import Testing
import WallTime

@testable import AWSClient

@Suite struct ProfileCredentialsTests {
    let time = VirtualTime()
    let files: TemporaryDirectory

    init() throws { files = try TemporaryDirectory() }

    /// What a search finds with these two files.
    private func outcome(
        config: String = "", credentials: String = "", _ environment: [String: String] = [:],
        _ fake: FakeTransport = FakeTransport(answers: [HTTPResponse(status: 599)])
    ) async throws -> CredentialOutcome {
        _ = try files.write(config, to: ".aws/config")
        _ = try files.write(credentials, to: ".aws/credentials")
        let surroundings = CredentialSurroundings(
            environment: ["HOME": files.url.path].merging(environment) { $1 }, transport: fake.transport,
            clock: time.clock, randomFraction: { 0 })
        return await CredentialSource.profile(surroundings).load()
    }

    private static func assumed() -> FakeTransport {
        FakeTransport(answers: [.result("AssumeRole", CredentialChainTests.temporaryKeys)])
    }

    @Test(
        arguments: [
            ([:], "default-key"), (["AWS_PROFILE": "other"], "other-key"),
            (["AWS_DEFAULT_PROFILE": "other"], "other-key"),
            (["AWS_PROFILE": "in-config"], "config-key"),
        ] as [([String: String], String)])
    func keysOfTheChosenProfileAreTaken(_ environment: [String: String], _ key: String) async throws {
        let outcome = try await outcome(
            config: """
                [profile in-config]
                aws_access_key_id = config-key
                aws_secret_access_key = s
                """,
            credentials: """
                # comment
                [default]
                aws_access_key_id=default-key
                aws_secret_access_key = s

                [other]
                aws_access_key_id = other-key
                aws_secret_access_key = s
                aws_session_token = t
                """, environment)

        guard case .found(let credentials) = outcome else {
            Issue.record("expected keys, got \(outcome)")
            return
        }
        #expect(credentials.accessKeyID == key)
        #expect(credentials.sessionToken == (key == "other-key" ? "t" : nil))
    }

    @Test func credentialsFileWinsOverTheConfigFile() async throws {
        let outcome = try await outcome(
            config: "[default]\naws_access_key_id = a\naws_secret_access_key = b",
            credentials: "[default]\naws_access_key_id = c\naws_secret_access_key = d")

        #expect(outcome == .found(AWSCredentials(accessKeyID: "c", secretAccessKey: "d")))
    }

    @Test func roleIsAssumedWithTheKeysOfTheSourceProfile() async throws {
        let fake = Self.assumed()

        let outcome = try await outcome(
            config: """
                [profile steward]
                role_arn = arn:aws:iam::111122223333:role/steward
                source_profile = base
                role_session_name = ops
                external_id = e-1
                duration_seconds = 900
                region = eu-west-3
                """,
            credentials: "[base]\naws_access_key_id = BASE\naws_secret_access_key = s", ["AWS_PROFILE": "steward"], fake
        )

        #expect(outcome == .found(CredentialChainTests.expected))
        let request = try #require(fake.requests.first)
        #expect(request.url == "https://sts.eu-west-3.amazonaws.com/")
        #expect(request.header("authorization")?.contains("Credential=BASE/20261123/eu-west-3/sts/") == true)
        #expect(
            request.form == [
                "Action": "AssumeRole", "Version": "2011-06-15", "RoleArn": "arn:aws:iam::111122223333:role/steward",
                "RoleSessionName": "ops", "ExternalId": "e-1", "DurationSeconds": "900",
            ])
    }

    @Test func rolesAreAssumedOneAfterTheOther() async throws {
        let fake = Self.assumed()

        let outcome = try await outcome(
            config: """
                [profile a]
                role_arn = arn:a
                source_profile = b
                [profile b]
                role_arn = arn:b
                source_profile = b
                aws_access_key_id = B
                aws_secret_access_key = s
                """, credentials: "", ["AWS_PROFILE": "a"], fake)

        #expect(outcome == .found(CredentialChainTests.expected))
        #expect(fake.requests.map { $0.form["RoleArn"] } == ["arn:b", "arn:a"])
        #expect(fake.requests[1].header("x-amz-security-token") == "t1")
        #expect(fake.requests[0].form["RoleSessionName"] == "steward-1795425141000")
    }

    @Test func roleIsAssumedWithKeysOfTheEnvironment() async throws {
        let fake = Self.assumed()

        let outcome = try await outcome(
            config: "[default]\nrole_arn = arn:a\ncredential_source = Environment", credentials: "",
            ["AWS_ACCESS_KEY_ID": "ENV", "AWS_SECRET_ACCESS_KEY": "s"], fake)

        #expect(outcome == .found(CredentialChainTests.expected))
        #expect(fake.requests.first?.header("authorization")?.contains("Credential=ENV/") == true)
    }

    @Test func roleIsAssumedWithKeysOfTheContainer() async throws {
        let fake = FakeTransport(answers: [
            .json(CredentialChainTests.containerKeys), .result("AssumeRole", CredentialChainTests.temporaryKeys),
        ])

        let outcome = try await outcome(
            config: "[default]\nrole_arn = arn:a\ncredential_source = EcsContainer", credentials: "",
            ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x"], fake)

        #expect(outcome == .found(CredentialChainTests.expected))
        #expect(fake.requests.first?.url == "http://169.254.170.2/x")
    }

    @Test func roleIsAssumedWithKeysOfTheInstance() async throws {
        let fake = FakeTransport(answers: [
            .json("token"), .json("role"), .json(CredentialChainTests.containerKeys),
            .result("AssumeRole", CredentialChainTests.temporaryKeys),
        ])

        let outcome = try await outcome(
            config: "[default]\nrole_arn = arn:a\ncredential_source = Ec2InstanceMetadata", credentials: "", [:], fake)

        #expect(outcome == .found(CredentialChainTests.expected))
        #expect(fake.requests.count == 4)
    }

    @Test func profileMayNameAWebIdentity() async throws {
        let fake = FakeTransport(answers: [.result("AssumeRoleWithWebIdentity", CredentialChainTests.temporaryKeys)])
        let token = try files.write("web", to: "token")

        let outcome = try await outcome(
            config: "[default]\nrole_arn = arn:a\nweb_identity_token_file = \(token)", credentials: "", [:], fake)

        #expect(outcome == .found(CredentialChainTests.expected))
        #expect(fake.requests.first?.form["WebIdentityToken"] == "web")
    }

    @Test(
        arguments: [
            ("[default]\nregion = eu-west-1", [:], "holds no credentials"),
            ("", [:], "no profile 'default'"),
        ] as [(String, [String: String], String)])
    func profileThatSaysNothingIsPassedOver(
        _ config: String, _ environment: [String: String], _ reason: String
    ) async throws {
        guard case .absent(let message) = try await outcome(config: config, environment) else {
            Issue.record("expected the source to be passed over")
            return
        }
        #expect(message.contains(reason))
    }

    @Test(
        arguments: [
            ("", ["AWS_PROFILE": "gone"], "no profile 'gone'"),
            ("[default]\naws_access_key_id = a", [:], "only one of"),
            ("[default]\nrole_arn = arn:a", [:], "source_profile or credential_source"),
            ("[default]\nrole_arn = arn:a\nsource_profile = b\ncredential_source = Environment", [:], "one of both"),
            ("[default]\nrole_arn = arn:a\ncredential_source = Moon", [:], "Moon"),
            ("[default]\nrole_arn = arn:a\nsource_profile = gone", [:], "no profile 'gone'"),
            ("[default]\nrole_arn = arn:a\nmfa_serial = m\nsource_profile = default", [:], "mfa_serial"),
            ("[default]\nrole_arn = arn:a\ncredential_source = Environment", [:], "AWS_ACCESS_KEY_ID is not set"),
            ("[default]\ncredential_process = /bin/x", [:], "credential_process"),
            ("[default]\nsso_session = s", [:], "export-credentials"),
            (
                "[profile a]\nrole_arn = x\nsource_profile = b\n[profile b]\nrole_arn = y\nsource_profile = a",
                ["AWS_PROFILE": "a"], "a → b → a"
            ),
            ("[default\n", [:], "line 1"),
            ("[default]\nnonsense\n", [:], "line 2"),
            ("key = value\n", [:], "line 1"),
        ] as [(String, [String: String], String)])
    func profileThatCannotBeUsedSaysWhy(
        _ config: String, _ environment: [String: String], _ reason: String
    ) async throws {
        guard case .failed(let message) = try await outcome(config: config, environment) else {
            Issue.record("expected the source to fail")
            return
        }
        #expect(message.contains(reason))
    }

    @Test func refusedRoleEndsTheSearch() async throws {
        let fake = FakeTransport(answers: [.error("AccessDenied", status: 403)])

        let outcome = try await outcome(
            config:
                "[default]\nrole_arn = arn:a\nsource_profile = default\naws_access_key_id = a\naws_secret_access_key = b",
            credentials: "", [:], fake)

        guard case .failed(let message) = outcome else {
            Issue.record("expected the source to fail")
            return
        }
        #expect(message.contains("arn:a"))
        #expect(message.contains("AccessDenied"))
    }
}
