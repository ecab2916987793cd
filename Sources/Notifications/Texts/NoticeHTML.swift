extension NoticeText {
    /// The notice as a small HTML page: one column of at most 600 pixels, styles in the elements since mail programs drop
    /// others, no images, nothing loaded from anywhere.
    package var html: String {
        let body = paragraphs.enumerated().map { index, text in
            if index == 0 { return box(text) + (usage.map(Self.meter) ?? "") }
            return index == paragraphs.count - 1 && text == advice ? Self.advised(text) : Self.paragraph(text)
        }
        return """
            <!DOCTYPE html>
            <html lang="\(style.language.rawValue)"><head><meta charset="utf-8">\
            <meta name="viewport" content="width=device-width"><title>\(Self.escaped(subject))</title></head>
            <body style="font-family:sans-serif;color:#222;margin:0;padding:16px">
            <div style="max-width:600px;margin:auto;border-top:6px solid \(tone.color);padding:16px">
            <h1 style="font-size:18px;margin:0 0 16px">\(Self.escaped(subject))</h1>
            \(body.joined(separator: "\n"))
            <p style="color:#777;font-size:12px;margin:16px 0 0">\(footer)</p>
            </div></body></html>
            """
    }

    private var footer: String {
        let lines = notes + [style.say("Sent by Steward.", es: "Enviado por Steward.")]
        return lines.map(Self.escaped).joined(separator: "<br>")
    }

    /// What has happened, set off from the rest.
    private func box(_ text: String) -> String {
        "<div style=\"background:\(tone.boxColor);border-left:4px solid \(tone.color);padding:12px;margin:0 0 12px\">"
            + "\(Self.escaped(text))</div>"
    }

    /// How much is used, as a bar on its track. A table, since the oldest mail programs know nothing better.
    private static func meter(_ usage: UsageMeter) -> String {
        let cells = [(usage.filled, color(of: usage)), (100 - usage.filled, trackColor)].filter { $0.0 > 0 }
        let bar = cells.map { width, color in
            "<td style=\"width:\(width)%;height:14px;background:\(color);font-size:0;line-height:0\">&nbsp;</td>"
        }
        return """

            <table role="presentation" style="width:100%;border-collapse:collapse;background:\(trackColor)" cellpadding="0" \
            cellspacing="0"><tr>\(bar.joined())</tr></table>
            <p style="font-size:13px;color:#555;margin:4px 0 12px">\(escaped(usage.caption))</p>
            """
    }

    private static let trackColor = "#EFE6D5"

    /// What is used up is red, what is nearly so is amber.
    private static func color(of usage: UsageMeter) -> String {
        switch usage.percent {
        case ..<70: Tone.good.color
        case ..<90: Tone.warning.color
        default: Tone.critical.color
        }
    }

    private static func paragraph(_ text: String) -> String { "<p style=\"margin:0 0 12px\">\(escaped(text))</p>" }

    private static func advised(_ text: String) -> String {
        "<p style=\"margin:16px 0 0;padding:12px 0 0;border-top:1px solid \(trackColor)\">\(escaped(text))</p>"
    }

    /// Scalar by scalar: an accent that follows a `<` would hide it from a comparison of characters.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            case "\n": escaped += "<br>"
            default: escaped.unicodeScalars.append(scalar.breaksLines ? " " : scalar)
            }
        }
        return escaped
    }
}

extension NoticeText.Tone {
    /// The colours that readers of the Usage Control System's mails know.
    package var color: String {
        switch self {
        case .information: "#4a6fa5"
        case .warning: "#F4B860"
        case .critical: "#EC7266"
        case .good: "#9CD286"
        }
    }

    var boxColor: String {
        switch self {
        case .information: "#eef3fa"
        case .warning: "#fff8e8"
        case .critical: "#ffebee"
        case .good: "#E8F5E8"
        }
    }
}
