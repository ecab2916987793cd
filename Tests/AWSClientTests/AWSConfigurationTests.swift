import Foundation
import Testing

@testable import AWSClient

@Suite struct AWSConfigurationTests {
    let files: TemporaryDirectory

    init() throws { files = try TemporaryDirectory() }

    private func configuration(
        config: String = "", _ environment: [String: String]
    ) throws -> AWSConfiguration {
        let path = try files.write(config, to: "config")
        return try AWSConfiguration(
            environment: ["HOME": files.url.path, "AWS_CONFIG_FILE": path].merging(environment) { $1 })
    }

    private func service(_ name: String) throws -> AWSService { try #require(AWSService.named(name)) }

    @Test(
        arguments: [
            (["AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-2"], "eu-west-1"),
            (["AWS_DEFAULT_REGION": "eu-west-2"], "eu-west-2"),
            (["AWS_REGION": "", "AWS_DEFAULT_REGION": "eu-west-2"], "eu-west-2"),
            ([:], "eu-west-3"), (["AWS_PROFILE": "far"], "ap-southeast-2"),
        ] as [([String: String], String)])
    func regionComesFromTheEnvironmentThenTheProfile(_ environment: [String: String], _ region: String) throws {
        let configuration = try configuration(
            config: "[default]\nregion = eu-west-3\n[profile far]\nregion = ap-southeast-2", environment)

        #expect(configuration.region == region)
    }

    @Test func missingRegionSaysWhatToSet() {
        let error = #expect(throws: AWSConfigurationError.self) { try configuration([:]) }

        #expect(error?.description.contains("AWS_REGION") == true)
    }

    @Test(arguments: ["eu west", "eu-west-1.evil.com", "EU-WEST-1", "a/b", "a@b"])
    func regionThatIsNoneIsRefused(_ region: String) {
        #expect(throws: AWSConfigurationError.self) { try AWSConfiguration(region: region) }
    }

    @Test(arguments: [
        ("iam", "eu-west-1", "https://iam.amazonaws.com", "us-east-1"),
        ("iam", "cn-north-1", "https://iam.cn-north-1.amazonaws.com.cn", "cn-north-1"),
        ("iam", "us-gov-east-1", "https://iam.us-gov.amazonaws.com", "us-gov-west-1"),
        ("sts", "eu-west-1", "https://sts.eu-west-1.amazonaws.com", "eu-west-1"),
        ("sqs", "cn-north-1", "https://sqs.cn-north-1.amazonaws.com.cn", "cn-north-1"),
        ("pricing", "eu-west-1", "https://api.pricing.eu-central-1.amazonaws.com", "eu-central-1"),
        ("pricing", "ap-northeast-1", "https://api.pricing.ap-south-1.amazonaws.com", "ap-south-1"),
        ("pricing", "sa-east-1", "https://api.pricing.us-east-1.amazonaws.com", "us-east-1"),
        ("ce", "eu-west-1", "https://ce.us-east-1.amazonaws.com", "us-east-1"),
        ("states", "eu-west-1", "https://states.eu-west-1.amazonaws.com", "eu-west-1"),
    ])
    func endpointsAreThoseOfAWS(_ name: String, _ region: String, _ url: String, _ signingRegion: String) throws {
        let endpoint = try AWSConfiguration(region: region).endpoint(for: service(name))

        #expect(endpoint.url == url)
        #expect(endpoint.signingRegion == signingRegion)
    }

    static let configured = """
        [default]
        region = eu-west-1
        endpoint_url = http://profile
        services = local
        [services local]
        sfn =
          endpoint_url = http://services-sfn
        secrets_manager =
          endpoint_url = http://services-secrets
        """

    @Test(
        arguments: [
            ([:], "iam", "http://profile"), ([:], "states", "http://services-sfn"),
            ([:], "secretsmanager", "http://services-secrets"),
            (["AWS_ENDPOINT_URL": "http://all/"], "states", "http://all"),
            (
                ["AWS_ENDPOINT_URL": "http://all", "AWS_ENDPOINT_URL_SFN": "http://one:8083/x/"], "states",
                "http://one:8083/x"
            ),
            (["AWS_ENDPOINT_URL_SFN": "http://one"], "iam", "http://profile"),
            (
                ["AWS_ENDPOINT_URL": "http://all", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"], "sqs",
                "https://sqs.eu-west-1.amazonaws.com"
            ),
            (["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false"], "iam", "http://profile"),
        ] as [([String: String], String, String)])
    func endpointsAreReplacedByTheNearestSetting(
        _ environment: [String: String], _ name: String, _ url: String
    ) throws {
        let configuration = try configuration(config: Self.configured, environment)

        #expect(try configuration.endpoint(for: service(name)).url == url)
    }

    @Test func replacedEndpointKeepsTheSigningRegion() throws {
        let configuration = try AWSConfiguration(region: "eu-west-1", endpointURL: "http://127.0.0.1:5000")

        #expect(try configuration.endpoint(for: service("iam")).signingRegion == "us-east-1")
        #expect(try configuration.endpoint(for: service("sqs")).signingRegion == "eu-west-1")
    }

    @Test(arguments: ["localhost:5000", "ftp://x", "http://", "http://user:pw@host", "http://host?x=1", "http://a b"])
    func endpointThatIsNoneIsRefused(_ url: String) {
        let error = #expect(throws: AWSConfigurationError.self) {
            try configuration(["AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": url])
        }

        #expect(error?.description.contains(url) == true)
    }

    @Test func fileThatIsNoTextIsNamed() throws {
        let path = files.url.appending(path: "binary").path
        try Data([0xFF, 0xFE, 0x00]).write(to: URL(fileURLWithPath: path))

        let error = #expect(throws: AWSConfigurationError.self) {
            try AWSConfiguration(environment: ["AWS_CONFIG_FILE": path, "AWS_REGION": "eu-west-1"])
        }

        #expect(error?.description.contains(path) == true)
    }

    @Test(
        arguments: [
            ("http://Host.Example:80/a?b#c", "http://host.example", "/a", "b"),
            ("https://host:8443", "https://host:8443", "", nil),
            ("https://[::1]:443/", "https://[::1]", "/", nil), ("http://[::1]:81", "http://[::1]:81", "", nil),
            ("http://u:p@host/x@y", "http://host", "/x@y", nil), ("http://host?", "http://host", "", ""),
            ("http://host:/", "http://host", "/", nil), ("HTTP://host/%2F", "http://host", "/%2F", nil),
        ] as [(String, String, String, String?)])
    func urlsAreTakenApart(_ text: String, _ origin: String, _ path: String, _ query: String?) throws {
        let url = try #require(HTTPURL(text))

        #expect(url.origin == origin)
        #expect(url.path == path)
        #expect(url.query == query)
    }

    @Test(arguments: [
        "", "host", "//host", "http:/host", "http://", "http://:80", "http://host:0", "http://host:65536",
        "http://host:x", "http://[::1", "http://::1", "http://hóst/", "http://host/\n", "file:///x", "http://@",
    ])
    func otherTextIsNoURL(_ text: String) {
        #expect(HTTPURL(text) == nil)
    }
}
