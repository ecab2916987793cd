import Testing

@testable import workflowd

/// Who installed Steward and says nothing of definitions has those that came with it.
@Suite struct InstalledDefinitionsTests {
    private static let installed = "/usr/local/share/steward/workflows"

    @Test(arguments: [
        // A repository, or a folder of one's own, comes first.
        (["workflows", installed], "/usr/local/bin/workflowd", "workflows"),
        ([installed], "/usr/local/bin/workflowd", installed),
        (["/opt/s/share/steward/workflows"], "/opt/s/bin/workflowd", "/opt/s/share/steward/workflows"),
        // The refusal names what was looked for at first.
        ([], "/usr/local/bin/workflowd", "workflows"), ([installed], nil, "workflows"),
        ([installed], "/work/.build/debug/workflowd", "workflows"),
    ])
    func theFolderIsFound(_ there: [String], _ program: String?, _ expected: String) {
        let found = InstalledDefinitions.folder("workflows", program: program, exists: { there.contains($0) })

        #expect(found == expected)
    }
}
