import Engine
import Testing
import WallTime

@testable import StatesAPI

@Suite struct WireARNTests {
    private static let prefix = "arn:aws:states:us-east-1:111122223333:"

    @Test(
        arguments: [
            ("stateMachine:m", .stateMachine(name: "m")), ("stateMachine:m:7", .version(machine: "m", number: 7)),
            ("stateMachine:m:live", .alias(machine: "m", name: "live")),
            ("stateMachine:m/label", .mapState(machine: "m", label: "label")),
            ("stateMachine:m/a/b", .stateMachine(name: "m/a/b")), ("stateMachine:/b", .stateMachine(name: "/b")),
            ("execution:m:one", .execution(machine: "m", name: "one")),
            ("execution:m/label:one", .execution(machine: "m/label", name: "one")),
            ("express:m:one:two", .express(machine: "m", name: "one:two")), ("activity:a", .activity(name: "a")),
            ("mapRun:m/label:one", .mapRun),
        ] as [(String, WireARN.Resource)])
    func whatIsNamedIsKnown(_ rest: String, _ resource: WireARN.Resource) throws {
        let arn = try WireARN(Self.prefix + rest)
        #expect(arn.resource == resource)
        #expect(arn.account == "111122223333")
        #expect(arn.region == "us-east-1")
    }

    @Test(arguments: [
        ("nonsense", "Invalid ARN prefix: nonsense"), ("", "Invalid ARN prefix: "),
        ("arn:aws:states", "Invalid ARN: arn:aws:states"),
        ("arn:aws:iam::1:role/a", "Invalid ARN: arn:aws:iam::1:role/a"),
        (prefix + "stateMachine:", "Invalid ARN: " + prefix + "stateMachine:"),
        (prefix + "queue:a", "Resource type not valid in this context: queue"),
        (prefix + "stateMachine:m:1:2", "Resource type not valid in this context: stateMachine"),
    ])
    func whatIsNoneIsSaid(_ text: String, _ reason: String) {
        #expect(throws: WireError.invalidARN(reason)) { try WireARN(text) }
    }
}

@Suite struct PageTokenTests {
    @Test func aTokenIsGoodForItsOwnListOnly() throws {
        let pages = PageToken(list: "ListThings arn:1")
        let token = pages.text(after: "näme")
        #expect(try pages.position(in: token) == "näme")
        #expect(try pages.position(in: nil) == nil)
        #expect(throws: WireError.invalidToken) { try PageToken(list: "ListThings arn:2").position(in: token) }
        for damaged in ["x", "zz", String(token.dropLast()), String(token.dropLast(2)), ""] {
            #expect(throws: WireError.invalidToken) { try pages.position(in: damaged) }
        }
    }

    @Test(arguments: [1, 2, 3, 6, 7, 9]) func pagesHaveEverythingOnce(_ limit: Int) {
        let all = ["a", "b", "c", "d", "e", "f"]
        var (seen, position, pages): ([String], String?, Int) = ([], nil, 0)
        repeat {
            let page = all.page(after: position, limit: limit, key: { $0 }, precedes: <)
            seen += page.elements
            position = page.next
            pages += 1
        } while position != nil
        #expect(seen == all)
        #expect(pages == max(1, (all.count + limit - 1) / limit))
    }

    @Test func anElementThatWentAwayIsNoHindrance() {
        #expect(["a", "d"].page(after: "b", limit: 5, key: { $0 }, precedes: <).elements == ["d"])
    }
}

@Suite struct AliasRouteTests {
    @Test func executionsAreSharedOutByWeight() {
        let alias = StateMachineAlias(
            stateMachine: "m", name: "a", description: nil,
            routes: [.init(version: 1, weight: 30), .init(version: 2, weight: 70)],
            createdAt: .init(milliseconds: 0), updatedAt: .init(milliseconds: 0))
        let picked = (0..<100).map { alias.pick($0) }
        #expect(picked.count { $0 == 1 } == 30)
        #expect(picked.count { $0 == 2 } == 70)
    }
}
