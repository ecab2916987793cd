import Testing

@testable import Budgets

@Suite struct ModelIDTests {
    @Test(arguments: [
        ("anthropic.claude-sonnet-4-6", ModelID.Scope.regional, "anthropic.claude-sonnet-4-6"),
        ("us.anthropic.claude-sonnet-4-6", .geography("us"), "anthropic.claude-sonnet-4-6"),
        ("us-gov.anthropic.claude-opus-5", .geography("us-gov"), "anthropic.claude-opus-5"),
        ("global.anthropic.claude-haiku-4-5-20251001-v1:0", .global, "anthropic.claude-haiku-4-5-20251001-v1:0"),
        ("eu.amazon.nova-pro-v1:0", .geography("eu"), "amazon.nova-pro-v1:0"),
        ("apac.ai21.jamba-1-5-mini-v1:0", .geography("apac"), "ai21.jamba-1-5-mini-v1:0"),
        ("sa.anthropic.claude-opus-5", .geography("sa"), "anthropic.claude-opus-5"),
        ("openai.gpt-5.4", .regional, "openai.gpt-5.4"),
        ("us.openai.gpt-5.4", .geography("us"), "openai.gpt-5.4"),
        ("deepseek.v3.2", .regional, "deepseek.v3.2"),
        ("minimax.minimax-m2.1", .regional, "minimax.minimax-m2.1"),
        (
            "arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.anthropic.claude-sonnet-4-6",
            .geography("us"), "anthropic.claude-sonnet-4-6"
        ),
        (
            "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0:300k", .regional,
            "amazon.nova-pro-v1:0:300k"
        ),
    ])
    func publishedModelsAreTakenApart(text: String, scope: ModelID.Scope, base: String) {
        let model = ModelID(text)

        #expect(model == ModelID(text: text, kind: .foundation, scope: scope, base: base))
    }

    @Test(arguments: [
        ("application-inference-profile/abc123", ModelID.Kind.applicationProfile(id: "abc123")),
        ("provisioned-model/p1", .provisioned(id: "p1")),
        ("imported-model/i1", .imported(id: "i1")),
        ("prompt-router/r1", .promptRouter(id: "r1")),
        ("default-prompt-router/anthropic.claude:1", .promptRouter(id: "anthropic.claude:1")),
        ("unheard-of/x", .other), ("no-slash", .other),
    ])
    func opaqueResourcesKeepTheirText(resource: String, kind: ModelID.Kind) {
        let text = "arn:aws:bedrock:us-east-1:111122223333:\(resource)"

        #expect(ModelID(text) == ModelID(text: text, kind: kind, scope: .regional, base: text))
    }

    @Test func aCustomModelIsPricedAsItsBase() {
        let model = ModelID("arn:aws:bedrock:us-east-1:1:custom-model/amazon.nova-lite-v1:0:300k/abc")

        #expect(model.kind == .custom(id: "abc"))
        #expect(model.priceKeys.contains("amazon.nova-lite-v1"))
    }

    @Test(arguments: [
        (
            "anthropic.claude-haiku-4-5-20251001-v1:0:200k",
            [
                "anthropic.claude-haiku-4-5-20251001-v1:0:200k", "anthropic.claude-haiku-4-5-20251001-v1",
                "anthropic.claude-haiku-4-5-20251001", "anthropic.claude-haiku-4-5",
            ]
        ),
        ("anthropic.claude-opus-5", ["anthropic.claude-opus-5"]),
        ("openai.gpt-oss-20b-1:0", ["openai.gpt-oss-20b-1:0", "openai.gpt-oss-20b-1"]),
        (
            "mistral.mistral-large-2407-v1:0",
            [
                "mistral.mistral-large-2407-v1:0", "mistral.mistral-large-2407-v1", "mistral.mistral-large-2407",
            ]
        ),
        ("", [""]),
    ])
    func priceKeysGoFromExactToGeneral(text: String, keys: [String]) {
        #expect(ModelID(text).priceKeys == keys)
    }
}
