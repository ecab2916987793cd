// A table. Prices are data: change them here only together with their section's date and source.

extension PriceBook {
    /// On-demand prices that come with Steward.
    package static let standard: PriceBook = {
        do {
            return PriceBook(rows: try PriceTable.rows(parsing: standardTable))
        } catch {
            preconditionFailure("the built-in price table does not read: \(error)")
        }
    }()
}

/// The columns are those of `PriceTable`.
let standardTable = """
    # Models whose published row is the global profile's: in-Region and geographic profiles cost a tenth more.
    @ 2026-11-22 | AWS Price List us-east-1 (Sonnet 4.6, Haiku 4.5, Opus 5.5), Bedrock pricing page
    anthropic.claude-opus-5-5                      | 4    | 20   | 0.2     | 5     | 8   | surcharge
    anthropic.claude-sonnet-5-5                    | 2    | 10   | 0.1     | 2.5   | 4   | surcharge
    anthropic.claude-haiku-5-5                     | 0.1  | 0.5  | 0.01    | 0.125 | 0.2 | surcharge long>100000*5*5
    anthropic.claude-fable-5-1                     | 10   | 50   | 0.25    | 12.5  | 20  | surcharge
    anthropic.claude-fable-5                       | 10   | 50   | 1       | 12.5  | 20  | surcharge
    anthropic.claude-mythos-5-1                    | 10   | 50   | 0.25    | 12.5  | 20  | surcharge
    anthropic.claude-opus-5                        | 5    | 25   | 0.5     | 6.25  | 10  | surcharge
    anthropic.claude-opus-4-8                      | 5    | 25   | 0.5     | 6.25  | 10  | surcharge
    anthropic.claude-opus-4-7                      | 5    | 25   | 0.5     | 6.25  | 10  | surcharge
    anthropic.claude-opus-4-6                      | 5    | 25   | 0.5     | 6.25  | 10  | surcharge
    anthropic.claude-opus-4-5                      | 5    | 25   | 0.5     | 6.25  | 10  | surcharge
    anthropic.claude-sonnet-5                      | 2    | 10   | 0.2     | 2.5   | 4   | surcharge
    anthropic.claude-sonnet-4-6                    | 3    | 15   | 0.3     | 3.75  | 6   | surcharge
    anthropic.claude-sonnet-4-5                    | 3    | 15   | 0.3     | 3.75  | 6   | surcharge long>200000*2*3/2
    anthropic.claude-haiku-4-5                     | 1    | 5    | 0.1     | 1.25  | 2   | surcharge
    openai.gpt-5.4                                 | 2.5  | 15   | 0.25    | -     | -   | surcharge long>272000*2*3/2
    openai.gpt-5.5                                 | 5    | 30   | 0.5     | -     | -   | surcharge long>272000*2*3/2
    openai.gpt-6-astra                             | 10   | 50   | 1       | 12.5  | -   | surcharge long>272000*2*3/2
    openai.gpt-6-sol                               | 2    | 10   | 0.2     | 2.5   | -   | surcharge long>272000*2*3/2
    openai.gpt-6-luna                              | 0.1  | 0.5  | 0.01    | 0.125 | -   | surcharge long>272000*2*3/2
    openai.gpt-6.1-terra                           | 1    | 5    | 0.05    | 1.25  | -   | surcharge long>272000*2*3/2
    xai.grok-4.6                                   | 2    | 6    | 0.5     | -     | -   | surcharge
    moonshotai.kimi-k3                             | 3    | 15   | 0.3     | 3.75  | -   | surcharge

    # Older Claude models cost the same through every profile.
    @ 2026-11-22 | Bedrock pricing page, "Anthropic"
    anthropic.claude-opus-4-1-20250805-v1          | 15   | 75   | 1.5     | 18.75 | -
    anthropic.claude-opus-4-20250514-v1            | 15   | 75   | 1.5     | 18.75 | -
    anthropic.claude-sonnet-4-20250514-v1          | 3    | 15   | 0.3     | 3.75  | -   | long>200000*2*3/2
    anthropic.claude-3-7-sonnet-20250219-v1        | 3    | 15   | 0.3     | 3.75  | -
    anthropic.claude-3-5-sonnet-20241022-v2        | 3    | 15   | 0.3     | 3.75  | -
    anthropic.claude-3-5-sonnet-20240620-v1        | 3    | 15   | 0.3     | 3.75  | -
    anthropic.claude-3-5-haiku-20241022-v1         | 0.8  | 4    | 0.08    | 1     | -
    anthropic.claude-3-haiku-20240307-v1           | 0.25 | 1.25 | -       | -     | -
    anthropic.claude-3-opus-20240229-v1            | 15   | 75   | 1.5     | 18.75 | -

    @ 2026-11-22 | AWS Price List us-east-1, "AmazonBedrock"
    amazon.nova-micro-v1                           | 0.035 | 0.14  | 0.00875 | 0 | -
    eu.amazon.nova-micro-v1                        | 0.046 | 0.184 | 0.0115  | 0 | -
    apac.amazon.nova-micro-v1                      | 0.037 | 0.148 | 0.00925 | 0 | -
    amazon.nova-lite-v1                            | 0.06  | 0.24  | 0.015   | 0 | -
    eu.amazon.nova-lite-v1                         | 0.078 | 0.312 | 0.0195  | 0 | -
    apac.amazon.nova-lite-v1                       | 0.063 | 0.252 | 0.01575 | 0 | -
    amazon.nova-pro-v1                             | 0.8   | 3.2   | 0.2     | 0 | -
    eu.amazon.nova-pro-v1                          | 1.05  | 4.2   | 0.2625  | 0 | -
    apac.amazon.nova-pro-v1                        | 0.84  | 3.36  | 0.21    | 0 | -
    amazon.nova-premier-v1                         | 2.5   | 12.5  | 0.625   | 0 | -
    amazon.nova-2-lite-v1                          | 0.3   | 2.5   | 0.075   | 0 | -
    us.amazon.nova-2-lite-v1                       | 0.33  | 2.75  | 0.0825  | 0 | -
    eu.amazon.nova-2-lite-v1                       | 0.429 | 3.597 | 0.10725 | 0 | -
    apac.amazon.nova-2-lite-v1                     | 0.396 | 3.311 | 0.099   | 0 | -
    jp.amazon.nova-2-lite-v1                       | 0.396 | 3.311 | 0.099   | 0 | -
    amazon.nova-2-pro-preview-20251202-v1          | 1.25  | 10    | 0.3125  | 0 | -   | surcharge
    amazon.nova-2-sonic-v1                         | 0.33  | 2.75  | -       | - | -
    amazon.nova-2-multimodal-embeddings-v1         | 0.135 | 0     | -       | - | -
    amazon.titan-text-lite-v1                      | 0.15  | 0.2   | -       | - | -
    amazon.titan-text-express-v1                   | 0.2   | 0.6   | -       | - | -
    amazon.titan-text-premier-v1                   | 0.5   | 1.5   | -       | - | -
    amazon.titan-embed-text-v1                     | 0.1   | 0     | -       | - | -
    amazon.titan-embed-text-v2                     | 0.02  | 0     | -       | - | -
    amazon.nova-canvas-v1                          | 0     | 0     | -       | - | -   | image=0.06
    amazon.titan-image-generator-v1                | 0     | 0     | -       | - | -   | image=0.008
    amazon.titan-image-generator-v2                | 0     | 0     | -       | - | -   | image=0.008

    @ 2026-11-22 | Bedrock pricing page, other providers
    cohere.embed-english-v3                        | 0.1  | 0    | - | - | -
    cohere.embed-multilingual-v3                   | 0.1  | 0    | - | - | -
    cohere.embed-v4                                | 0.12 | 0    | - | - | -
    cohere.command-r-v1                            | 0.5  | 1.5  | - | - | -
    cohere.command-r-plus-v1                       | 3    | 15   | - | - | -
    meta.llama3-8b-instruct-v1                     | 0.3  | 0.6  | - | - | -
    meta.llama3-70b-instruct-v1                    | 2.65 | 3.5  | - | - | -
    meta.llama3-1-8b-instruct-v1                   | 0.22 | 0.22 | - | - | -
    meta.llama3-1-70b-instruct-v1                  | 0.72 | 0.72 | - | - | -
    meta.llama3-1-405b-instruct-v1                 | 2.4  | 2.4  | - | - | -
    meta.llama3-2-1b-instruct-v1                   | 0.1  | 0.1  | - | - | -
    eu.meta.llama3-2-1b-instruct-v1                | 0.13 | 0.13 | - | - | -
    meta.llama3-2-3b-instruct-v1                   | 0.15 | 0.15 | - | - | -
    eu.meta.llama3-2-3b-instruct-v1                | 0.19 | 0.19 | - | - | -
    meta.llama3-2-11b-instruct-v1                  | 0.16 | 0.16 | - | - | -
    meta.llama3-2-90b-instruct-v1                  | 0.72 | 0.72 | - | - | -
    meta.llama3-3-70b-instruct-v1                  | 0.72 | 0.72 | - | - | -
    meta.llama4-scout-17b-instruct-v1              | 0.17 | 0.66 | - | - | -
    meta.llama4-maverick-17b-instruct-v1           | 0.24 | 0.97 | - | - | -
    mistral.mistral-7b-instruct-v0                 | 0.15 | 0.2  | - | - | -
    mistral.mixtral-8x7b-instruct-v0               | 0.45 | 0.7  | - | - | -
    mistral.mistral-small-2402-v1                  | 1    | 3    | - | - | -
    mistral.mistral-large-2402-v1                  | 4    | 12   | - | - | -
    mistral.mistral-large-2407-v1                  | 2    | 6    | - | - | -
    mistral.pixtral-large-2502-v1                  | 2    | 6    | - | - | -
    mistral.mistral-large-3-675b-instruct          | 0.5  | 1.5  | - | - | -
    mistral.ministral-3-3b-instruct                | 0.1  | 0.1  | - | - | -
    mistral.ministral-3-8b-instruct                | 0.15 | 0.15 | - | - | -
    mistral.ministral-3-14b-instruct               | 0.2  | 0.2  | - | - | -
    mistral.magistral-small-2509                   | 0.5  | 1.5  | - | - | -
    mistral.devstral-2-123b                        | 0.4  | 2    | - | - | -
    deepseek.r1-v1                                 | 1.35 | 5.4  | - | - | -
    deepseek.v3-v1                                 | 0.58 | 1.68 | - | - | -
    deepseek.v3.2                                  | 0.62 | 1.85 | - | - | -
    eu.deepseek.v3.2                               | 0.74 | 2.22 | - | - | -
    openai.gpt-oss-20b-1                           | 0.07 | 0.3  | - | - | -
    us-gov.openai.gpt-oss-20b-1                    | 0.084 | 0.36 | - | - | -
    openai.gpt-oss-120b-1                          | 0.15 | 0.6  | - | - | -
    us-gov.openai.gpt-oss-120b-1                   | 0.18 | 0.72 | - | - | -
    xai.grok-4.3                                   | 1.25 | 2.5  | 0.2 | - | -
    qwen.qwen3-32b-v1                              | 0.15 | 0.6  | - | - | -
    qwen.qwen3-coder-30b-a3b-v1                    | 0.15 | 0.6  | - | - | -
    qwen.qwen3-235b-a22b-2507-v1                   | 0.22 | 0.88 | - | - | -
    qwen.qwen3-coder-480b-a35b-v1                  | 0.45 | 1.8  | - | - | -
    qwen.qwen3-next-80b-a3b                        | 0.15 | 1.2  | - | - | -
    qwen.qwen3-coder-next                          | 0.5  | 1.2  | - | - | -
    ai21.jamba-1-5-mini-v1                         | 0.2  | 0.4  | - | - | -
    ai21.jamba-1-5-large-v1                        | 2    | 8    | - | - | -
    minimax.minimax-m2                             | 0.3  | 1.2  | - | - | -
    minimax.minimax-m2.1                           | 0.3  | 1.2  | - | - | -
    minimax.minimax-m2.5                           | 0.3  | 1.2  | - | - | -
    moonshot.kimi-k2-thinking                      | 0.6  | 2.5  | - | - | -
    moonshotai.kimi-k2.5                           | 0.6  | 3    | - | - | -
    zai.glm-4.7                                    | 0.6  | 2.2  | - | - | -
    zai.glm-5                                      | 1    | 3.2  | - | - | -
    google.gemma-3-4b-it                           | 0.04 | 0.08 | - | - | -
    google.gemma-3-12b-it                          | 0.09 | 0.29 | - | - | -
    google.gemma-3-27b-it                          | 0.23 | 0.38 | - | - | -
    nvidia.nemotron-nano-3-30b                     | 0.06 | 0.24 | - | - | -
    nvidia.nemotron-super-3-120b                   | 0.15 | 0.65 | - | - | -
    writer.palmyra-x4-v1                           | 2.5  | 10   | - | - | -
    writer.palmyra-x5-v1                           | 0.6  | 6    | - | - | -
    stability.sd3-large-v1                         | 0    | 0    | - | - | - | image=0.08
    stability.sd3-5-large-v1                       | 0    | 0    | - | - | - | image=0.08
    stability.stable-image-core-v1                 | 0    | 0    | - | - | - | image=0.04
    stability.stable-image-ultra-v1                | 0    | 0    | - | - | - | image=0.14
    stability.stable-image-inpaint-v1              | 0    | 0    | - | - | - | image=0.07
    stability.stable-image-remove-background-v1    | 0    | 0    | - | - | - | image=0.07
    stability.stable-image-search-recolor-v1       | 0    | 0    | - | - | - | image=0.07
    stability.stable-image-search-replace-v1       | 0    | 0    | - | - | - | image=0.07
    stability.stable-image-erase-object-v1         | 0    | 0    | - | - | - | image=0.07
    stability.stable-image-control-sketch-v1       | 0    | 0    | - | - | - | image=0.07
    stability.stable-image-control-structure-v1    | 0    | 0    | - | - | - | image=0.07
    stability.stable-image-style-guide-v1          | 0    | 0    | - | - | - | image=0.07
    stability.stable-style-transfer-v1             | 0    | 0    | - | - | - | image=0.08
    stability.stable-outpaint-v1                   | 0    | 0    | - | - | - | image=0.06
    stability.stable-fast-upscale-v1               | 0    | 0    | - | - | - | image=0.03
    stability.stable-conservative-upscale-v1       | 0    | 0    | - | - | - | image=0.4
    stability.stable-creative-upscale-v1           | 0    | 0    | - | - | - | image=0.6

    # One call is one query, whatever it counts.
    @ 2026-11-22 | Bedrock pricing page, "Rerank"
    amazon.rerank-v1                               | 0    | 0    | - | - | - | request=0.001
    cohere.rerank-v3-5                             | 0    | 0    | - | - | - | request=0.002
    """
