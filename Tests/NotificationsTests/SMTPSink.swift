import Foundation
import JSONModel
import Testing

@testable import Notifications

/// A real SMTP server (aiosmtpd) on a free port, for one test.
final class SMTPSink: Sendable {
    static let isAvailable = Python.canImport("aiosmtpd")
    static let missing: Comment = "aiosmtpd can't be imported; run scripts/bootstrap, or set STEWARD_PYTHON"

    let port: Int
    private let script: Script
    private let directory: URL

    init(_ settings: JSONObject = [:]) throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "smtp-sink-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        var settings = settings
        settings["directory"] = .string(directory.path)
        let source = try #require(
            Bundle.module.url(forResource: "smtp_sink", withExtension: "py", subdirectory: "Peers"))
        script = Script(
            try #require(Python.executable), [source.path, JSONValue.object(settings).jsonString])
        try script.run()
        port = try script.port()
    }

    deinit {
        script.stop()
        try? FileManager.default.removeItem(at: directory)
    }

    func server(
        security: SMTPServer.Security = .none, userName: String? = nil, password: String? = nil,
        authority: String? = nil, timeout: Duration = .seconds(20)
    ) -> SMTPServer {
        SMTPServer(
            host: "127.0.0.1", port: port, security: security, userName: userName, password: password,
            certificateAuthorities: authority, timeout: timeout)
    }

    /// The mails that it took, in order.
    func mails() throws -> [Mail] {
        var mails: [Mail] = []
        while true {
            let file = directory.appending(path: "\(mails.count + 1).json")
            guard FileManager.default.fileExists(atPath: file.path) else { return mails }
            mails.append(try Mail(JSONValue(parsing: Array(Data(contentsOf: file)))))
        }
    }

    struct Mail {
        let from: String?
        let to: [String]
        let isEncrypted: Bool
        let user: String?
        let bytes: [UInt8]

        init(_ json: JSONValue) throws {
            from = json["from"]?.stringValue
            to = json["to"]?.arrayValue?.compactMap(\.stringValue) ?? []
            isEncrypted = json["tls"]?.boolValue ?? false
            user = json["user"]?.stringValue
            bytes = Array(try #require(json["data"]?.stringValue.flatMap { Data(base64Encoded: $0) }))
        }
    }
}

/// A certificate authority made for the occasion, and a certificate of it for 127.0.0.1.
struct TestAuthority {
    private static let openssl = "/usr/bin/openssl"
    static let isAvailable = FileManager.default.isExecutableFile(atPath: openssl)
    static let missing: Comment = "there is no /usr/bin/openssl"
    static let shared = Result { try TestAuthority() }
    static let stranger = Result { try TestAuthority() }

    let authority: String
    let certificate: String
    let key: String

    private init() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "authority-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        func path(_ name: String) -> String { directory.appending(path: name).path }
        (authority, certificate, key) = (path("ca.pem"), path("certificate.pem"), path("key.pem"))
        let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
        try Self.run(
            ["req", "-x509"] + curve + ["-keyout", path("ca.key"), "-out", authority, "-subj", "/CN=Test authority"])
        try Self.run(
            ["req", "-x509"] + curve + [
                "-keyout", key, "-out", certificate, "-subj", "/CN=sink", "-CA", authority, "-CAkey", path("ca.key"),
                "-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE",
            ])
    }

    var settings: JSONObject { ["certificate": .string(certificate), "key": .string(key)] }

    private static func run(_ arguments: [String]) throws {
        let script = Script(openssl, arguments)
        try script.run()
        guard script.exitStatus() == 0 else { throw CommandFailed(description: "openssl \(arguments[0]) failed") }
    }
}
