import AWSTasks
import JSONModel
import Testing

@Suite struct PolicyDocumentTests {
    @Test(arguments: [
        ("bedrock:InvokeModel", true), ("bedrock:*", true), ("*", true), ("BEDROCK:invokemodel*", true),
        ("bedrock:Invoke?odel", true), ("bedrock-mantle:*", true), ("bedrock:List*", false), ("s3:*", false),
        ("bedrock:GetFoundationModel", false), ("", false),
    ])
    func aGrantIsAnAllowThatCoversASpendingAction(_ action: String, _ grants: Bool) {
        let document: JSONValue = ["Statement": [["Effect": "Allow", "Action": .string(action), "Resource": "*"]]]
        #expect(PolicyDocument(json: document).grantsBedrock == grants)
    }

    @Test func aDenyGrantsNothing() {
        #expect(!DenyPolicy.document.grantsBedrock)
    }

    @Test func aSingleStatementNeedsNoList() {
        let document: JSONValue = ["Statement": ["Effect": "Allow", "Action": ["s3:*", "bedrock:*"]]]
        #expect(PolicyDocument(json: document).grantsBedrock)
    }

    @Test(arguments: [("s3:*", true), ("bedrock*:*", false), ("*", false)])
    func notActionGrantsWhatItDoesNotName(_ excluded: String, _ grants: Bool) {
        let document: JSONValue = ["Statement": [["Effect": "Allow", "NotAction": .string(excluded)]]]
        #expect(PolicyDocument(json: document).grantsBedrock == grants)
    }

    @Test func documentsComePercentEncoded() {
        let text = "%7B%22Statement%22%3A%5B%5D%2C%22Id%22%3A%22caf%C3%A9%22%7D"
        #expect(PolicyDocument(fromIAM: text)?.json["Id"] == "café")
        #expect(PolicyDocument(fromIAM: "%7B%2") == nil)
        #expect(PolicyDocument(fromIAM: "not a policy") == nil)
    }

    @Test func theDenyFitsIntoTheQuotaOfInlinePolicies() {
        #expect(DenyPolicy.document.json.jsonBytes.count < 2048)
    }
}
