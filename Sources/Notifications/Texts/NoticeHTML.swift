extension NoticeText {
    /// The notice as a small HTML page: one column, no images, nothing loaded from anywhere.
    package var html: String {
        let color =
            switch tone {
            case .information: "#4a6fa5"
            case .warning: "#F4B860"
            case .critical: "#EC7266"
            case .good: "#9CD286"
            }
        let body = paragraphs.map { "<p style=\"margin:0 0 12px\">\(Self.escaped($0))</p>" }.joined(separator: "\n")
        return """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><title>\(Self.escaped(subject))</title></head>
            <body style="font-family:sans-serif;color:#222;margin:0;padding:16px">
            <div style="max-width:600px;margin:auto;border-top:6px solid \(color);padding:16px">
            <h1 style="font-size:18px;margin:0 0 16px">\(Self.escaped(subject))</h1>
            \(body)
            <p style="color:#777;font-size:12px;margin:16px 0 0">Sent by Steward.</p>
            </div></body></html>
            """
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
