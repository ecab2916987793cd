import AWSClient
import AWSTasks
import Interpreter
import JSONModel
import TestKit
import Testing
import WallTime

@Suite struct ModelLookupTests {
    private final class FakeBedrock: Sendable {
        let urls = Guarded<[String]>([])
        let status: Int
        let answer: String

        init(_ answer: String, status: Int = 200) {
            self.answer = answer
            self.status = status
        }

        func look(_ id: String) async throws -> JSONValue {
            let transport = HTTPTransport { [self] request in
                urls.withLock { $0.append("\(request.method) \(request.url)") }
                return HTTPResponse(status: status, body: Array(answer.utf8))
            }
            let client = AWSClient(
                configuration: try AWSConfiguration(region: "us-east-1"),
                credentials: .fixed(AWSCredentials(accessKeyID: "KEY", secretAccessKey: "s")), transport: transport,
                clock: .system, randomFraction: { 0 })
            return try await ModelLookup(client: client).perform(["modelId": .string(id)])
        }
    }

    private static let model = "arn:aws:bedrock:eu-west-1::foundation-model/acme.a"

    @Test(arguments: [
        (
            "application-inference-profile/x1", "inference-profiles",
            #"{"models":[{"modelArn":"M"}],"type":"APPLICATION"}"#
        ),
        ("provisioned-model/p1", "provisioned-model-throughput", #"{"modelArn":"other","foundationModelArn":"M"}"#),
        ("custom-model-deployment/d1", "model-customization/custom-model-deployments", #"{"modelArn":"M"}"#),
        ("custom-model/c1", "custom-models", #"{"baseModelArn":"M"}"#),
    ])
    func aKindHasItsOwnQuestionInItsOwnRegion(resource: String, place: String, answer: String) async throws {
        let bedrock = FakeBedrock(answer.replacing("\"M\"", with: "\"\(Self.model)\""))
        let found = try await bedrock.look("arn:aws:bedrock:eu-west-1:111122223333:\(resource)")
        #expect(found == ["models": [.string(Self.model)]])
        let id = resource.replacing("/", with: "%2F")
        #expect(
            bedrock.urls.withLock { $0 } == [
                "GET https://bedrock.eu-west-1.amazonaws.com/\(place)/arn%3Aaws%3Abedrock%3Aeu-west-1%3A111122223333%3A\(id)"
            ])
    }

    @Test func aRouterNamesAllItsModels() async throws {
        let bedrock = FakeBedrock(#"{"models":[{"modelArn":"a"},{"modelArn":"b"}],"fallbackModel":{"modelArn":"c"}}"#)
        #expect(try await bedrock.look("arn:aws:bedrock:us-east-1:1:prompt-router/r") == ["models": ["a", "b", "c"]])
    }

    @Test(arguments: ["arn:aws:bedrock:us-east-1:1:imported-model/i", "acme.plain", "arn:aws:s3:::x/y"])
    func whatBedrockCanNotTellIsNotAsked(_ id: String) async throws {
        let bedrock = FakeBedrock("{}")
        #expect(try await bedrock.look(id)["problem"]?.stringValue?.contains("price name") == true)
        #expect(bedrock.urls.withLock { $0 }.isEmpty)
    }

    @Test func whatIsGoneIsAnAnswerAndWhatIsForbiddenAnError() async throws {
        let id = "arn:aws:bedrock:us-east-1:1:application-inference-profile/x"
        let gone = FakeBedrock(#"{"__type":"ResourceNotFoundException","message":"none"}"#, status: 404)
        #expect(try await gone.look(id)["problem"]?.stringValue?.contains("ResourceNotFoundException") == true)
        let denied = FakeBedrock(#"{"__type":"AccessDeniedException","message":"no"}"#, status: 403)
        let failure = await #expect(throws: TaskFailure.self) { try await denied.look(id) }
        #expect(failure?.error == "Bedrock.AccessDeniedException")
        #expect(failure?.cause.contains("bedrock:GetInferenceProfile") == true)
        let empty = FakeBedrock("{}")
        #expect(try await empty.look(id)["problem"]?.stringValue?.contains("names no model") == true)
    }
}
