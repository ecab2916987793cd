/// What is said when somebody tries a channel.
extension NoticeText {
    static func test(_ facts: NoticeFacts) -> NoticeText {
        let (channel, caller) = (facts.text("channel"), facts.text("by"))
        return NoticeText(
            facts, .information,
            facts.say(
                "Test message of Steward: the channel \(channel) works",
                es: "Mensaje de prueba de Steward: el canal \(channel) funciona"),
            [
                facts.say(
                    "\(caller) tries the channel \(channel) with this message. Nothing has happened, and nothing needs to "
                        + "be done.",
                    es:
                        "\(caller) prueba el canal \(channel) con este mensaje. No ha pasado nada, y no hay nada que hacer."
                )
            ], showsUsage: false)
    }
}
