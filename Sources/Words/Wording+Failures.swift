extension Wording {
    /// What a task failed with: the name of its error and its cause.
    ///
    /// Causes are written in English and quote AWS, so they stay as they are. In another language, what the commonest
    /// errors stand for is said before them.
    package static func failure(_ error: String, cause: String) -> Wording {
        let english = [error, cause].filter { !$0.isEmpty }.joined(separator: ": ")
        guard let meaning = spanishMeanings[error] else { return .quoted(english) }
        let detail = cause.isEmpty ? "" : " En inglés: \(cause)"
        return Wording(english, es: "\(error): \(meaning).\(detail)")
    }

    /// The errors whose meaning is said.
    package static var knownFailures: Set<String> { Set(spanishMeanings.keys) }

    private static let spanishMeanings: [String: String] = {
        let refused = "IAM no ha aceptado las credenciales de Steward; compruébelas, y también el reloj de esta máquina"
        let forbidden = "a la identidad de Steward le falta un permiso de IAM, o una SCP lo prohíbe; concédaselo"
        return [
            "IAM.AccessDenied": forbidden,
            "IAM.AccessDeniedException": forbidden,
            "IAM.ExpiredToken": refused,
            "IAM.InvalidClientTokenId": refused,
            "IAM.RequestExpired": refused,
            "IAM.SignatureDoesNotMatch": refused,
            "IAM.LimitExceeded": "se ha agotado una cuota de IAM; haga sitio",
            "IAM.NoSuchEntity": "la identidad o la política no está en IAM",
            "IAM.ServiceFailure": "IAM ha fallado",
            "IAM.Throttling": "IAM recibe demasiadas peticiones",
            "IAM.Transport.CouldNotConnect": "no se llega a IAM; compruebe la red y los proxies de esta máquina",
            "IAM.Transport.TimedOut": "IAM no ha contestado a tiempo",
            "IAM.Transport.TLS": "IAM no se ha podido identificar; compruebe sus certificados (AWS_CA_BUNDLE)",
            "States.HeartbeatTimeout": "el paso ha dejado de dar señales de vida",
            "States.Timeout": "el paso no ha terminado a tiempo",
            "Steward.BackupDamaged":
                "la copia de seguridad no es lo que se guardó; compárela con CloudTrail antes de devolver nada",
            "Steward.OtherAccount": "la identidad pertenece a otra cuenta que aquella en la que actúa Steward",
            "Steward.DenyDoesNotFit": "la denegación no cabe en IAM; haga sitio en las políticas de la identidad",
            "Steward.IllegalTransition": "entretanto otra ejecución ha cambiado el acceso",
            "Steward.InvalidInput": "la entrada del paso no es válida",
            "Steward.NoBackup": "no hay ninguna copia de seguridad de lo que se retiró",
            "Steward.NotVerified":
                "IAM no muestra lo que se esperaba; puede ir con retraso, y si sigue así, mire quién cambia sus políticas",
            "Steward.PrincipalGone": "la identidad ya no existe en IAM",
            "Steward.PrincipalReplaced": "la identidad se borró y se volvió a crear después de la copia de seguridad",
            "Steward.RefusesItself":
                "es la identidad del propio Steward, o está en la lista de acceso de emergencia: nunca se suspende",
            "Steward.RestorationIncomplete":
                "no se han podido volver a asociar todas las políticas de la copia de seguridad; la denegación sigue puesta",
            "Steward.Unenforceable": "nadie de esta cuenta puede cambiar esta identidad",
            "Steward.UnknownBudget": "el presupuesto no existe; puede que se haya eliminado",
            "Steward.UnsupportedPrincipal": "solo se puede suspender a usuarios y roles de IAM",
        ]
    }()
}
