import Foundation

/// What `~/.aws/config` and `~/.aws/credentials` say, or the files that `AWS_CONFIG_FILE` and
/// `AWS_SHARED_CREDENTIALS_FILE` name.
struct SharedConfiguration: Sendable, Equatable {
    /// Settings by profile; those of the credentials file win. Names of settings are lower-case.
    var profiles: [String: [String: String]] = [:]
    /// By the name of a `[services …]` section: settings such as `iam.endpoint_url`.
    var services: [String: [String: String]] = [:]

    /// Reads both files; one that is not there is empty. Throws for one that cannot be read or understood.
    static func load(environment: [String: String]) throws(AWSConfigurationError) -> SharedConfiguration {
        var configuration = SharedConfiguration()
        let configPath = environment["AWS_CONFIG_FILE"] ?? home("config", environment)
        for (name, settings) in try sections(ofFile: configPath) {
            if name == "default" {
                configuration.profiles["default", default: [:]].merge(settings) { _, new in new }
            } else if let profile = name.dropping(prefix: "profile ") {
                configuration.profiles[profile, default: [:]].merge(settings) { _, new in new }
            } else if let services = name.dropping(prefix: "services ") {
                configuration.services[services, default: [:]].merge(settings) { _, new in new }
            }
        }
        let credentialsPath = environment["AWS_SHARED_CREDENTIALS_FILE"] ?? home("credentials", environment)
        for (name, settings) in try sections(ofFile: credentialsPath) {
            configuration.profiles[name, default: [:]].merge(settings) { _, new in new }
        }
        return configuration
    }

    private static func home(_ name: String, _ environment: [String: String]) -> String? {
        environment["HOME"].map { "\($0)/.aws/\(name)" }
    }

    private static func sections(
        ofFile path: String?
    ) throws(AWSConfigurationError) -> [(name: String, settings: [String: String])] {
        guard let path, !path.isEmpty, FileManager.default.fileExists(atPath: path) else { return [] }
        return try sections(of: try readText(ofFile: path), file: path)
    }

    /// The sections of a file, in order. A line that begins with a blank belongs to the setting above it.
    static func sections(
        of text: String, file: String
    ) throws(AWSConfigurationError) -> [(name: String, settings: [String: String])] {
        var sections: [(name: String, settings: [String: String])] = []
        var parent: String?
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let content = line.trimmingCharacters(in: .whitespaces)
            if content.isEmpty || content.hasPrefix("#") || content.hasPrefix(";") { continue }
            if content.hasPrefix("[") {
                guard let end = content.firstIndex(of: "]") else {
                    throw AWSConfigurationError("\(file), line \(index + 1): the section has no closing ']'.")
                }
                let words = content[content.index(after: content.startIndex)..<end].split(
                    whereSeparator: \.isWhitespace)
                sections.append((words.joined(separator: " "), [:]))
                parent = nil
                continue
            }
            let isNested = line.first?.isWhitespace == true && parent != nil
            guard let equals = content.firstIndex(of: "="), !sections.isEmpty else {
                if isNested { continue }
                throw AWSConfigurationError(
                    "\(file), line \(index + 1): 'name = value' inside a [section] was expected.")
            }
            let name = content[..<equals].trimmingCharacters(in: .whitespaces).lowercased()
            let value = content[content.index(after: equals)...].trimmingCharacters(in: .whitespaces)
            if isNested, let parent {
                sections[sections.count - 1].settings["\(parent).\(name)"] = value
            } else {
                sections[sections.count - 1].settings[name] = value
                parent = name
            }
        }
        return sections
    }
}

/// The text of a small file. Throws when it cannot be read or is not UTF-8, naming it.
func readText(ofFile path: String) throws(AWSConfigurationError) -> String {
    let data: Data
    do { data = try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
        throw AWSConfigurationError("Cannot read \(path): \(error.localizedDescription) Check that it is readable.")
    }
    guard let text = String(validating: data, as: UTF8.self) else {
        throw AWSConfigurationError("\(path) is not UTF-8 text. Save it as UTF-8.")
    }
    return text
}

extension String {
    fileprivate func dropping(prefix: String) -> String? { hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil }
}
