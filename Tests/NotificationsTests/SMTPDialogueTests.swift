import Testing

@testable import Notifications

@Suite struct SMTPDialogueTests {
    private func dialogue(_ lines: [String]) -> SMTPDialogue {
        var dialogue = SMTPDialogue()
        for line in lines { dialogue.append(line: Array((line + "\r\n").utf8)) }
        return dialogue
    }

    @Test func linesOfOneReplyBelongTogether() {
        let replies = dialogue(["220 ready", "250-host", "250-SIZE 1", "250 HELP", "550-5.1.1 no", "550 such user"])
            .replies

        #expect(replies.map(\.status) == [220, 250, 550])
        #expect(replies.last?.text == "5.1.1 no such user")
    }

    @Test func recipientsAreAnsweredBeforeTheMailIsAskedFor() {
        let taken = dialogue(["220 hi", "250 ehlo", "250 from", "250 a", "550 no b", "450 later c", "354 go", "250 ok"])
        let refused = dialogue(["220 hi", "250 ehlo", "250 from", "550 no"])

        #expect(taken.recipientReplies(3)?.map(\.status) == [250, 550, 450])
        #expect(refused.recipientReplies(1) == nil)
    }

    @Test(arguments: [
        (["250 from", "550 a", "550 b"], true), (["250 from", "550 a", "450 b"], false),
        (["250 from", "450 a", "550 b"], false), (["235 in", "552 from", "221 bye"], true), (["530 auth"], false),
        (["250 ok"], false), ([], false),
    ])
    func refusalIsForGoodOnlyWhenAllOfItIs(_ lines: [String], _ isForGood: Bool) {
        #expect(dialogue(lines).isRefusedForGood(recipients: 2) == isForGood)
    }

    @Test func noiseIsSkipped() {
        #expect(dialogue(["", "hello", "25", "abc def"]).replies == [])
    }
}
