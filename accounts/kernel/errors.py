"""What a person or a system is told when something cannot be done.

Each error has a stable code and one French text that says what to do next. Parameters
never hold personal data: they end in answers, logs and the audit. Two translators read
them: the French page (`accounts.kernel.http`) and the OperationOutcome (`fhir_bridge`).
"""

from typing import ClassVar


class DomainError(Exception):
    """A refusal with a stable `code`, a French `text`, an HTTP `status` and a FHIR `issue` type.

    `retry_after`: after how many seconds to try again; 0 says nothing.
    """

    code: ClassVar[str] = "refused"
    text: ClassVar[str] = "Cette action n’est pas possible."
    status: ClassVar[int] = 422
    issue: ClassVar[str] = "business-rule"
    retry_after: ClassVar[int] = 0

    def __init__(self, *, field: str = "", **params: object) -> None:
        super().__init__(self.code)
        self.field = field
        self.params = params

    @property
    def message(self) -> str:
        """The French sentence, completed with the parameters."""
        return self.text.format(**self.params)


class NotFound(DomainError):
    """What the actor asked for does not exist for him: unknown and forbidden answer alike."""

    code = "not-found"
    text = "Cette page ou ce dossier n’existe pas, ou ne vous est pas ouvert. Vérifiez le lien, ou demandez à rejoindre le cercle de soins."
    status = 404
    issue = "not-found"


class NotAllowed(DomainError):
    """The actor knows the object, but his function does not include this act."""

    code = "not-allowed"
    text = "Votre fonction ne permet pas cette action. Adressez-vous à un membre du cercle de soins qui peut la faire."
    status = 403
    issue = "forbidden"


class StepUpNeeded(DomainError):
    """A grave act needs both factors given less than five minutes ago."""

    code = "step-up-needed"
    text = "Pour cet acte, confirmez d’abord votre identité."
    status = 403
    issue = "login"


class StaleVersion(DomainError):
    """Somebody else wrote since the actor last read."""

    code = "stale-version"
    text = "Quelqu’un a modifié cet élément entre-temps. Rechargez la page, relisez, puis recommencez : votre texte reste affiché."
    status = 412
    issue = "conflict"


class VersionMissing(DomainError):
    """A change that must name the version it was made on does not."""

    code = "version-missing"
    text = "La version de l’élément à modifier n’est pas indiquée. Rechargez la page, puis recommencez."
    status = 400
    issue = "required"


class TransitionRefused(DomainError):
    """The state table holds no such move."""

    code = "transition-refused"
    text = "Cette étape n’est pas possible maintenant : l’élément est « {state} ». Rechargez la page pour voir où il en est."
    status = 409
    issue = "conflict"


class FormUnreadable(DomainError):
    """What a page wrote into its own form did not come back as it was."""

    code = "form-unreadable"
    text = "Ce formulaire n’est plus lisible. Rechargez la page, puis recommencez."
    status = 400
    issue = "structure"


class KeyReused(DomainError):
    """The same idempotency key came with another content."""

    code = "idempotency-key-reused"
    text = "Ce formulaire a déjà servi pour un autre envoi. Rechargez la page, puis recommencez."
    status = 422
    issue = "duplicate"


class AuditUnavailable(DomainError):
    """An act that cannot be traced is not done, an answer that cannot be traced is not given."""

    code = "audit-unavailable"
    text = (
        "Le journal des accès n’est pas disponible. Réessayez dans une minute ; si cela dure, prévenez votre référent."
    )
    status = 503
    issue = "transient"


class Busy(DomainError):
    """The database stayed locked by others after several tries."""

    code = "busy"
    text = "Le service est très sollicité. Rien n’a été enregistré : réessayez dans un instant."
    status = 503
    issue = "transient"
    retry_after = 5


class ReadOnly(DomainError):
    """Nothing can be written now; reading and emergency access go on."""

    code = "read-only"
    text = (
        "Le service est en lecture seule pour un moment : rien n’a été enregistré. Vous pouvez consulter les dossiers, "
        "et les accès d’urgence restent ouverts. Revenez en arrière pour retrouver votre texte, puis réessayez."
    )
    status = 503
    issue = "transient"
    retry_after = 30
