import JSONModel

/// Turns an answer of AWS's query protocol into JSON, as an SDK would give it.
///
/// XML has neither numbers nor empty lists; which members are what is listed by name below, from the services' API
/// references. Everything else is a string, an array of what stands in `<member>`, or an object.
struct QueryAnswer {
    private enum Shape { case boolean, integer, list, map }

    private let shapes: [String: Shape]

    /// The content of `<ActionResult>`; an empty object for an action that answers nothing.
    static func json(_ root: XMLElement, service: String, action: String) -> JSONValue {
        guard let result = root.child("\(action)Result") else { return .object([:]) }
        return QueryAnswer(shapes: shapes[service] ?? [:]).object(result)
    }

    private func object(_ element: XMLElement) -> JSONValue {
        var object = JSONObject()
        for child in element.children {
            let value = value(child)
            switch object[child.name] {
            case nil: object[child.name] = value
            case .array(let earlier)?: object[child.name] = .array(earlier + [value])
            case let earlier?: object[child.name] = [earlier, value]
            }
        }
        return .object(object)
    }

    private func value(_ element: XMLElement) -> JSONValue {
        if element.children.isEmpty { return scalar(element) }
        if element.children.allSatisfy({ $0.name == "member" }) { return .array(element.children.map(value)) }
        if element.children.allSatisfy({ $0.name == "entry" }) { return map(element) }
        return object(element)
    }

    private func scalar(_ element: XMLElement) -> JSONValue {
        switch shapes[element.name] {
        case .list where element.text.allSatisfy(\.isWhitespace): []
        case .map where element.text.allSatisfy(\.isWhitespace): [:]
        case .boolean where element.text == "true": true
        case .boolean where element.text == "false": false
        case .integer: Int64(element.text).map(JSONValue.int) ?? .string(element.text)
        default: .string(element.text)
        }
    }

    /// Entries of a key and a value become an object; any others an array.
    private func map(_ element: XMLElement) -> JSONValue {
        var object = JSONObject()
        for entry in element.children {
            guard let key = entry.child("key") ?? entry.child("Name"),
                let content = entry.child("value") ?? entry.child("Value")
            else { return .array(element.children.map(value)) }
            let isNumber = element.name == "SummaryMap"
            object[key.text] = isNumber ? Int64(content.text).map(JSONValue.int) ?? value(content) : value(content)
        }
        return .object(object)
    }

    private static let shapes: [String: [String: Shape]] = [
        "iam": table(
            booleans: """
                AllowUsersToChangePassword AllowedByOrganizations AllowedByPermissionsBoundary ExpirePasswords HardExpiry \
                IsAttachable IsDefaultVersion IsTruncated JwtVendingEnabled OnlySendByOwner PasswordResetRequired \
                RequireLowercaseCharacters RequireNumbers RequireSymbols RequireUppercaseCharacters isTruncated
                """,
            integers: """
                AttachmentCount Column Line MaxPasswordAge MaxSessionDuration MinimumPasswordLength \
                NumberOfServicesAccessible NumberOfServicesNotAccessed PasswordReusePrevention \
                PermissionsBoundaryUsageCount SessionDuration TotalAuthenticatedEntities
                """,
            lists: """
                AccessDetails AccessKeyMetadata AccountAliases AttachedManagedPolicies AttachedPolicies Certificates \
                ClientIDList ContextKeyNames DelegationRequests EnabledFeatures EntityDetailsList EvaluationResults \
                GroupDetailList GroupList GroupPolicyList Groups InstanceProfileList InstanceProfiles MFADevices \
                MatchedStatements MissingContextValues OpenIDConnectProviderList Parameters Policies \
                PoliciesGrantingServiceAccess PolicyGroups PolicyNames PolicyRoles PolicyUsers PolicyVersionList \
                PrivateKeyList ResourceSpecificResults Resources RoleDetailList RolePermissionRestrictionArns \
                RolePolicyList RoleUsageList Roles SAMLProviderList SSHPublicKeys ServerCertificateMetadataList \
                ServiceSpecificCredentials ServicesLastAccessed Tags ThumbprintList TrackedActionsLastAccessed \
                UserDetailList UserPolicyList Users Values Versions VirtualMFADevices
                """,
            maps: "Certifications EvalDecisionDetails SummaryMap"),
        "sns": table(
            booleans: "IsInSandbox SenderFault isOptedOut", integers: "",
            lists: """
                Endpoints Failed NumberCapabilities PhoneNumbers PlatformApplications Subscriptions Successful Tags \
                Topics phoneNumbers
                """,
            maps: "Attributes attributes"),
        "sts": table(booleans: "", integers: "PackedPolicySize", lists: "", maps: ""),
    ]

    private static func table(booleans: String, integers: String, lists: String, maps: String) -> [String: Shape] {
        var shapes: [String: Shape] = [:]
        for (names, shape) in [(booleans, Shape.boolean), (integers, .integer), (lists, .list), (maps, .map)] {
            for name in names.split(separator: " ") { shapes[String(name)] = shape }
        }
        return shapes
    }
}
