import Testing

@testable import Budgets

@Suite struct PrincipalTests {
    @Test(arguments: [
        ("arn:aws:iam::111122223333:user/ana", "111122223333/user/ana", "/", nil),
        ("arn:aws:iam::111122223333:user/team-a/eu/ana", "111122223333/user/ana", "/team-a/eu/", nil),
        ("arn:aws:iam::111122223333:role/service/AppRole", "111122223333/role/AppRole", "/service/", nil),
        ("arn:aws:sts::111122223333:assumed-role/AppRole/session-7", "111122223333/role/AppRole", "/", "session-7"),
        ("arn:aws-us-gov:iam::111122223333:user/ana", "111122223333/user/ana", "/", nil),
        ("arn:aws:sts::111122223333:federated-user/bob", "111122223333/federated-user/bob", "/", nil),
        ("arn:aws:iam::111122223333:root", "111122223333/root/root", "/", nil),
    ])
    func identitiesHaveOneCanonicalName(arn: String, id: String, path: String, session: String?) throws {
        let principal = try Principal(arn: arn)

        #expect(principal.id.description == id)
        #expect(principal.path == path)
        #expect(principal.session == session)
        #expect(PrincipalID(id) == principal.id)
    }

    @Test func aRoleAndItsSessionsAreOnePrincipal() throws {
        let role = try Principal(arn: "arn:aws:iam::111122223333:role/service/AppRole")
        let session = try Principal(arn: "arn:aws:sts::111122223333:assumed-role/AppRole/s")

        #expect(role.id == session.id)
        #expect(role.arn == "arn:aws:iam::111122223333:role/service/AppRole")
        #expect(session.arn == "arn:aws:iam::111122223333:role/AppRole")
    }

    @Test(arguments: [
        "", "ana", "arn:aws:iam::111122223333", "arn:aws:iam:::user/ana", "arn:aws:iam::1:user/", "arn:aws:iam::1:user",
        "arn:aws:iam::1:group/g", "arn:aws:sts::1:assumed-role/r", "arn:aws:s3:::bucket", "arn:aws:iam::1:user//ana",
        "arn:aws:sts::1:assumed-role/r/s/t",
    ])
    func anythingElseIsRefused(arn: String) {
        #expect(throws: PrincipalError.notAnIdentity(arn)) { try Principal(arn: arn) }
    }

    @Test(arguments: ["", "1/user", "1/group/g", "/user/a", "1/user/", "1/user/a/b"])
    func textThatIsNoIDIsRefused(text: String) {
        #expect(PrincipalID(text) == nil)
    }

    @Test(arguments: [
        ("arn:aws:iam::1:root", UnenforceablePrincipal.root),
        ("arn:aws:sts::1:federated-user/b", .federatedSession),
        ("arn:aws:sts::1:assumed-role/AWSReservedSSO_Dev_0123/ana", .identityCenterRole),
        ("arn:aws:iam::1:role/aws-service-role/x.amazonaws.com/Linked", .serviceLinkedRole),
        ("arn:aws:sts::1:assumed-role/AWSServiceRoleForX/s", .serviceLinkedRole),
        ("arn:aws:iam::1:user/AWSReservedSSO_looks_like_one", nil), ("arn:aws:iam::1:role/App", nil),
    ])
    func whatIAMCanNotRestrictIsKnown(arn: String, reason: UnenforceablePrincipal?) throws {
        #expect(try Principal(arn: arn).unenforceable == reason)
    }
}
