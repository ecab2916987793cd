import JSONModel

extension NoticeFacts {
    /// Why something was done or not, in words where the reason is a code of `SuspensionDecision` or of a check.
    var reason: String {
        guard let code = data["spared"]?.stringValue ?? data["reason"]?.stringValue else {
            return say("no reason is known", es: "no se conoce el motivo")
        }
        guard let words = Self.reasons[code] else { return Self.oneLine(code.replacing("-", with: " ")) }
        return say(words.english, es: words.spanish)
    }

    /// The codes that have words.
    static var knownReasons: Set<String> { Set(reasons.keys) }

    private static let reasons: [String: (english: String, spanish: String)] = [
        "unscopable-role": (
            "it is a role that several share, and a deny could not be limited to those who spent",
            "es un rol compartido, y la denegación no se pudo limitar a quienes gastaron"
        ),
        "budget-warning": ("its budget nears its limit", "su presupuesto se acerca al límite"),
        "budget-critical": ("its budget is nearly used up", "su presupuesto está casi agotado"),
        "budget-exceeded": ("its budget is exceeded", "su presupuesto está superado"),
        "not-exceeded": ("the budget is not exceeded", "el presupuesto no se ha superado"),
        "fallback-prices-only": (
            "it is exceeded only by usage of models without a known price",
            "solo lo supera el uso de modelos sin precio conocido"
        ),
        "observe-only": ("the budget only observes", "el presupuesto solo observa"),
        "protected": ("the principal is protected", "la identidad está protegida"),
        "break-glass": (
            "the principal is on the break-glass list", "la identidad está en la lista de acceso de emergencia"
        ),
        "own-principal": ("Steward itself works as this principal", "el propio Steward trabaja con esta identidad"),
        "unenforceable": (
            "IAM can't take access from a principal of this kind",
            "IAM no puede retirar el acceso a una identidad de este tipo"
        ),
        "other-account": (
            "it belongs to another account than the one in which Steward acts",
            "pertenece a otra cuenta que aquella en la que actúa Steward"
        ),
        "blocked-by-person": ("a person has blocked it already", "una persona ya la ha bloqueado"),
        "already-suspended": ("it is suspended already", "ya está suspendida"),
        "restoration-under-way": ("its access is being given back", "se le está devolviendo el acceso"),
        "closed": ("the principal no longer exists", "la identidad ya no existe"),
        "principal-gone": ("the principal no longer exists", "la identidad ya no existe"),
        "circuit-breaker": (
            "too many suspensions were started within an hour", "se iniciaron demasiadas suspensiones en una hora"
        ),
        "period-changed": ("a new budget period has begun", "ha empezado un nuevo periodo del presupuesto"),
        "period-ended": ("the budget period has ended", "el periodo del presupuesto ha terminado"),
        "limit-raised": ("its limit was raised", "se ha aumentado su límite"),
        "still-exceeded": ("its budget is still exceeded", "su presupuesto sigue superado"),
        "not-suspended": ("it is not suspended", "no está suspendida"),
        "nothing-taken": ("nothing had been taken from it", "no se le había retirado nada"),
        "further-budget-exceeded": (
            "another budget that it spends from is exceeded", "otro presupuesto del que gasta está superado"
        ),
        "block-lifted": ("the block was lifted", "se ha levantado el bloqueo"),
        "usage-repriced": ("its usage was priced anew", "se ha recalculado el precio de su uso"),
    ]
}
