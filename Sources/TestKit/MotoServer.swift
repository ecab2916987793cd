import Foundation

/// A moto server, which behaves like AWS but checks no signatures. Needs a Python with `moto[server]`:
/// `STEWARD_MOTO_PYTHON`, or `python3`.
package struct MotoServer: Sendable {
    /// One for all tests of the process, on a free port: so each test uses names of its own. It ends when its input
    /// does, that is, with this process.
    package static let shared = Result { try MotoServer() }

    package static let isInstalled = Python.canImport("moto.server")

    private static let script = """
        import os, sys
        from moto.server import ThreadedMotoServer
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        print(server.get_host_and_port()[1], flush=True)
        sys.stdin.read()
        os._exit(0)
        """

    package let url: String
    /// Held open for as long as the server is wanted.
    private let input = Pipe()

    private init() throws {
        let output = Pipe()
        _ = try Python.start(["-c", Self.script], input: input, output: output)
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        guard let port = Int(line.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw Python.Failure(status: 1)
        }
        url = "http://127.0.0.1:\(port)"
    }
}
