import Foundation

func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

/// The text behind base64; nil when there is none, or no text.
func textInBase64(_ text: String) -> String? {
    Data(base64Encoded: text).flatMap { String(validating: $0, as: UTF8.self) }
}
