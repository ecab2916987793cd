import Foundation
import Scenarios
import StatesLanguage
import Testing

/// What is wrong in a scenario file is told with its place and what to do, and never left out of the test.
@Suite struct ScenarioFaultTests {
    struct Fault: Sendable, CustomTestStringConvertible {
        var text: String
        var message: String
        var hint: String
        var line: Int
        var column: Int

        init(_ text: String, _ message: String, _ hint: String = "", line: Int = 1, at column: Int) {
            (self.text, self.message, self.hint) = (text, message, hint)
            (self.line, self.column) = (line, column)
        }

        var testDescription: String { text }
    }

    /// The one finding is where it should be, and says what it should.
    static func check(_ fault: Fault, machine: String = ScenarioTests.machine) throws {
        let (suite, findings) = try ScenarioTests.read(fault.text, machine: machine)
        let finding = try #require(findings.first)

        #expect(suite == nil)
        #expect(findings.count == 1, "\(findings)")
        #expect(finding.code == "T101")
        #expect(finding.severity == .error)
        #expect(finding.message.contains(fault.message), "\(finding.message)")
        let hint = try #require(finding.hint)
        #expect(fault.hint.isEmpty || hint.contains(fault.hint), "\(hint)")
        #expect(finding.position == SourcePosition(line: fault.line, column: fault.column))
    }

    @Test(arguments: [
        Fault("[]", "A scenario file is a mapping, not a list", at: 1),
        Fault("x", "A scenario file is a mapping, not the text 'x'", at: 1),
        Fault("defaults: {}", "A scenario file has 'scenarios'", "such as", at: 1),
        Fault("scenarois: []\nscenarios: [{name: x, expect: {status: FAILED}}]", "'scenarois'", "'scenarios'", at: 1),
        Fault("scenarios:", "'scenarios' is a list of at least one scenario, not an empty value", at: 1),
        Fault("scenarios: []", "'scenarios' has nothing in it", "such as", at: 12),
        Fault("scenarios: {name: x}", "'scenarios' is a list", "brackets", at: 12),
        Fault("scenarios: [x]", "Element 1 of 'scenarios' is a mapping", at: 13),
        Fault("scenarios: [{expect: {status: FAILED}}]", "A scenario has a 'name'", at: 13),
        Fault("defaults: foo\nscenarios: [{name: x, expect: {status: FAILED}}]", "'defaults' is a mapping", at: 11),
        Fault("defaults: {redrives: 1}\nscenarios: [{name: x, expect: {status: FAILED}}]", "'redrives'", at: 12),
        Fault("defaults: {at: no}\nscenarios: [{name: x, expect: {status: FAILED}}]", "'at' is an instant", at: 16),
        Fault(
            "defaults: {mocks: {Wrk: {return: 1}}}\nscenarios: [{name: x, expect: {status: FAILED}}, "
                + "{name: y, expect: {status: FAILED}}]", "no state 'Wrk'", "'Work'", at: 20),
        Fault("defaults: {input: '${m}'}\nscenarios: [{name: x, expect: {status: FAILED}}]", "'${m}'", "only", at: 20),
    ])
    func ofTheFile(_ fault: Fault) throws { try Self.check(fault) }

    /// A scenario that expects something; the fault is on a line of its own, after two blanks.
    @Test(arguments: [
        Fault("expct: {}", "A scenario has no field 'expct'", "did you mean 'expect'?", at: 3),
        Fault("at: noon", "'at' is an instant such as", at: 7),
        Fault("at: 5", "'at' is an instant such as 2026-11-20T02:00:00Z, not 5", at: 7),
        Fault("redrives: many", "'redrives' is a whole number from 0, not the text 'many'", at: 13),
        Fault("redrives: -1", "'redrives' is a whole number", at: 13),
        Fault("redrives:", "'redrives' is a whole number from 0, not an empty value", at: 3),
        Fault("foreach: {n: 1}", "'foreach' is a list of mappings", "brackets", at: 12),
        Fault("foreach: [1]", "Element 1 of 'foreach' is a mapping, not 1", at: 13),
        Fault("foreach: []", "'foreach' has nothing in it", at: 12),
        Fault("input: {a: '${m}'}", "Nothing is filled in for '${m}'", "foreach: [{m: ", at: 15),
        Fault("input: {'${m}': 1}", "Nothing is filled in for '${m}'", at: 11),
        Fault("foreach: [{state: A}],\n  input: 'is ${stat}'", "for '${stat}'", "'${state}'", line: 2, at: 14),
        Fault("foreach: [{k: b}],\n  input: {b: 1, '${k}': 2}", "'b' stands here twice", "'${k}'", line: 2, at: 17),
        Fault("foreach: [{n: x}],\n  redrives: '${n}'", "the text 'x' (from '${n}')", line: 2, at: 13),
    ])
    func ofAScenario(_ fault: Fault) throws {
        var fault = fault
        fault.text = "scenarios: [{name: x, expect: {status: FAILED},\n  \(fault.text)\n  }]"
        fault.line += 1
        try Self.check(fault)
    }

    @Test(arguments: [
        Fault("mocks: [Work]", "'mocks' is a mapping of answers by state or resource, not a list", at: 10),
        Fault("mocks:", "'mocks' is a mapping of answers", "such as", at: 3),
        Fault("mocks: {Wrk: {return: 1}}", "no state 'Wrk'", "'Work'", at: 11),
        Fault("mocks: {Done: {return: 1}}", "'Done' is a Succeed state that calls nothing", "Work", at: 11),
        Fault("mocks: {'activity:wrok': {return: 1}}", "No state has the resource", "'activity:work'", at: 11),
        Fault("mocks: {'c/d': {return: 1}}", "no state 'c/d'", at: 11),
        Fault("mocks: {Work: }", "'Work' is a mapping, not an empty value", "{return: …}", at: 11),
        Fault("mocks: {Work: 5}", "'Work' is a mapping, not 5", "{return: …}", at: 17),
        Fault("mocks: {Work: []}", "'Work' has no answer", at: 17),
        Fault("mocks: {Work: [{return: 1}, {retrun: 1, return: 2}]}", "'retrun'", "'return'", at: 32),
        Fault("mocks: {Work: [{return: 1}, 5]}", "Element 2 of 'Work' is a mapping", at: 31),
        Fault("mocks: {Work: {times: 2}}", "exactly one of", "{return: …}", at: 17),
        Fault("mocks: {Work: {return: 1, fail: E}}", "exactly one of", at: 17),
        Fault("mocks: {Work: {timeout: false}}", "'timeout' is true, not false", "leave it out", at: 27),
        Fault("mocks: {Work: {timeout: true, after: 5s}}", "'after' says when", "one of them", at: 33),
        Fault("mocks: {Work: {fail: 5}}", "'fail' is an error's name", "'5', in quotes", at: 24),
        Fault("mocks: {Work: {fail: {cause: c}}}", "'fail' has an 'error'", at: 24),
        Fault("mocks: {Work: {fail: {error: E, casue: c}}}", "'casue'", "'cause'", at: 35),
        Fault("mocks: {Work: {fail: {error: E, cause: [c]}}}", "'cause' is a text, not a list", at: 42),
        Fault("mocks: {Work: {return: 1, times: x}}", "'times' is a whole number", at: 36),
        Fault("mocks: {Work: {return: 1, times: -1}}", "'times' is a whole number", at: 36),
        Fault("mocks: {Work: {return: 1, after: soon}}", "'after' is a span of time", at: 36),
        Fault("mocks: {Work: {return: 1, after: -1}}", "'after' is a span of time", at: 36),
        Fault("mocks: {Work: {return: 1, when: {a: {$typ: x}}}}", "There is no '$typ'", "'$type'", at: 40),
        Fault("mocks: {Work: {return: {a: [1, '{% $ + %}']}}}", "JSONata", at: 34),
        Fault("mocks: {Work: {return: '{% $a'}}", "not properly closed", at: 26),
    ])
    func ofMocks(_ fault: Fault) throws { try ofAScenario(fault) }

    /// What stands behind `expect: `; columns count from there on.
    @Test(arguments: [
        Fault("", "'expect' is a mapping, not an empty value", "such as", at: 1),
        Fault("{}", "A scenario expects something", "such as", at: 9),
        Fault("SUCCEEDED", "'expect' is a mapping", "such as", at: 9),
        Fault("{stats: FAILED}", "'expect' has no field 'stats'", "'status'", at: 10),
        Fault("{status: [FAILED]}", "'status' is one of SUCCEEDED, FAILED, TIMED_OUT, not a list", at: 18),
        Fault("{status: }", "'status' is one of SUCCEEDED, FAILED, TIMED_OUT, not an empty value (null)", at: 10),
        Fault("{status: FIALED}", "not the text 'FIALED'", "'FAILED'", at: 18),
        Fault("{path: Done}", "'path' is a list of states, not the text 'Done'", "brackets", at: 16),
        Fault("{path: null}", "'path' is a list of states, not an empty value", at: 10),
        Fault("{path: [..., Wrok]}", "no state 'Wrok'", "'Work'", at: 22),
        Fault("{path: [..., 5]}", "Element 2 of 'path' is a state's name", at: 22),
        Fault("{calls: {state: Tell}}", "'calls' is a list of calls, not a mapping", "brackets", at: 17),
        Fault("{calls: []}", "'calls' has nothing in it", "'path'", at: 17),
        Fault("{calls: [{}]}", "A call names its", "{state: Charge}", at: 18),
        Fault("{calls: [Tell]}", "Element 1 of 'calls' is a mapping", "{state: Charge}", at: 18),
        Fault("{calls: [{state: Tell, inptu: {}}]}", "A call has no field 'inptu'", "'input'", at: 32),
        Fault("{calls: [{state: Tel}]}", "no state 'Tel'", "'Tell'", at: 26),
        Fault("{calls: [{state: Rest}]}", "a Wait state that calls nothing", at: 26),
        Fault("{calls: [{state: 5}]}", "'state' is a state's name, not 5", at: 26),
        Fault("{calls: [{resource: 'activity:wrok'}]}", "'activity:wrok'", "'activity:work'", at: 29),
        Fault("{notices: {kind: failed}}", "'notices' is a list", "brackets", at: 19),
        Fault("{elapsed: soon}", "'elapsed' is a span of time", at: 19),
        Fault("{elapsed: }", "'elapsed' is a span of time such as 90s or 5m, not an empty value", at: 10),
        Fault("{error: 404}", "'error' is a text", "'404', in quotes", at: 17),
        Fault("{cause: }", "'cause' is a text", at: 10),
        Fault("{error: {a: b}}", "'error' is a text", at: 17),
        Fault("{output: {$any: false}}", "'$any' is true, not false", "{$absent: true}", at: 25),
        Fault("{output: {a: {$absent: no}}}", "'$absent' is true", "{$any: true}", at: 32),
        Fault("{output: {$type: int}}", "one of null, boolean, number", at: 26),
        Fault("{output: {$type: nubmer}}", "not the text 'nubmer'", "'number'", at: 26),
        Fault("{output: {$type: null}}", "'$type' is a type's name", "'null', in quotes", at: 19),
        Fault("{output: {$matches: 'a('}}", "/a(/ is no regular expression", at: 29),
        Fault("{output: {$matches: 5}}", "'$matches' is a regular expression, not 5", at: 29),
        Fault("{output: {$mathes: a}}", "There is no '$mathes'", "did you mean '$matches'?", at: 19),
        Fault("{output: [{$ref: a}]}", "There is no '$ref'", "{$exact: {$ref: …}}", at: 20),
        Fault("{output: {$any: true, a: 1}}", "'$any' stands alone", "$exact", at: 19),
        Fault("{output: {$oneOf: a}}", "'$oneOf' is a list of values", "brackets", at: 27),
        Fault("{output: {$oneOf: []}}", "'$oneOf' has nothing in it", at: 27),
        Fault("{output: {$partial: 5}}", "'$partial' is a mapping or a list, not 5", at: 29),
        Fault("{notices: [{a: {$contains: {$tpe: x}}}]}", "'$tpe'", "'$type'", at: 37),
    ])
    func ofExpectations(_ fault: Fault) throws {
        var fault = fault
        fault.text = "scenarios: [{name: x,\n expect: \(fault.text)\n  }]"
        fault.line = 2
        fault.column += 1
        try Self.check(fault)
    }

    @Test func pointersAreEscaped() throws {
        let (_, findings) = try ScenarioTests.read(
            "scenarios: [{name: x, mocks: {c/d~: {return: 1}}, expect: {status: FAILED}}]")

        #expect(findings.map(\.pointer) == ["/scenarios/0/mocks/c~1d~0"])
    }

    @Test func everythingIsToldAtOnceInItsOrder() throws {
        let (_, findings) = try ScenarioTests.read(
            "scenarios:\n- {name: 1, expect: {status: }}\n- {name: b, redrives: x, expect: {path: 5}}\n- {name: c}")

        #expect(findings.map(\.position?.line) == [2, 2, 3, 3, 4])
        #expect(findings.first?.message.contains("'name'") == true)
    }

    @Test func theNameOfTheStateMachineIsAText() throws {
        let (document, _) = SourceDocument.read("stateMachine: [m]\nscenarios: []", file: "m.test.yaml")
        let (file, findings) = ScenarioReader.machineFile(in: try #require(document))

        #expect(file == nil)
        #expect(findings.map(\.position) == [SourcePosition(line: 1, column: 15)])
    }

    @Test(arguments: [("stateMachine: n.asl.yaml\nscenarios: []", 15), ("scenarios: []", 1)])
    func aStateMachineThatIsNotThereHasAPlace(_ text: String, _ column: Int) throws {
        let (document, _) = SourceDocument.read(text, file: "m.test.yaml")
        let finding = ScenarioReader.unreadableMachine("is gone", in: try #require(document))

        #expect(finding.code == "T101")
        #expect(finding.position == SourcePosition(line: 1, column: column))
        #expect(finding.hint != nil)
    }

    /// What looks like a fault and is none.
    @Test(arguments: [
        // Variables of IAM policies and expressions of JSONata are no place-holders.
        "input: {arn: 'arn:aws:iam::1:user/${aws:username}'}", "mocks: {Work: {return: '{% ${\"a\": 1} %}'}}",
        "input: '$${'", "input: '${}'", "foreach: [{m: '${m}'}],\n  input: '${m}'",
        "foreach: [{n: 0}, {n: 2}],\n  mocks: {Work: [{fail: E, times: '${n}'}, {return: 1}]}",
        "foreach: [{a: {b: [1]}}],\n  input: {x: '${a}', y: 'in ${a}'}", "input: null",
        "mocks: {Work: {return: null}, Tell: {return: {$any: false, $x: 1}}}", "redrives: 0", "mocks: {}",
        "mocks: {'activity:send-notice': {return: 1, when: [1], after: 5}}",
    ])
    func isNone(_ text: String) throws {
        let (suite, findings) = try ScenarioTests.read(
            "scenarios: [{name: x, expect: {status: FAILED},\n  \(text)\n  }]")

        #expect(findings == [])
        #expect(suite != nil)
    }

    @Test(arguments: [
        "{output: null}", "{output: {$exact: {$ref: {$any: false}}}}", "{output: {$schema: a, type: b}}",
        "{error: {$oneOf: [A, B]}}", "{cause: {$matches: 'no .*'}}", "{cause: {$absent: true}}",
        "{output: {$type: 'null'}}", "{output: {$partial: [{a: 1}]}}", "{path: []}", "{notices: []}", "{elapsed: 90}",
        "{output: {a: {$oneOf: [{$absent: true}, 1]}}}", "{calls: [{input: {}}]}",
    ])
    func isNoneOfAnExpectation(_ expectation: String) throws {
        let (suite, findings) = try ScenarioTests.read("scenarios: [{name: x, expect: \(expectation)}]")

        #expect(findings == [])
        #expect(suite != nil)
    }
}
