import ArgumentParser

/// `workflowctl principal …`
struct PrincipalCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "principal",
        abstract: "Principals: block, unblock, protect, unprotect.",
        discussion: "Example: workflowctl principal block BedrockAPIKey-ab12 --for 1d --reason 'leaked key'",
        subcommands: [
            PrincipalBlock.self, PrincipalUnblock.self, PrincipalProtect.self, PrincipalUnprotect.self,
        ])
}
