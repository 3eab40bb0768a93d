"""What may be asked, and how long a copy waits. Source: GDPR art. 12, 15 to 17; security.md §5.9."""

from datetime import date, timedelta

from accounts.kernel.errors import DomainError
from accounts.rights.states import TARGETS

KEPT_FOR = timedelta(days=7)


class AddendumEmpty(DomainError):
    """A rectification says something, and why."""

    code = "addendum-empty"
    text = "Écrivez ce que la personne demande de rectifier, et pourquoi."


class NothingToRectify(DomainError):
    """The addendum names something that is not there, or of another person."""

    code = "addendum-target-unknown"
    text = "Choisissez ce que la personne demande de rectifier."


class ExportExpired(DomainError):
    """The seven days are over, or a file in it was set aside."""

    code = "export-expired"
    text = (
        "Cette copie n’est plus disponible : elle ne se télécharge que pendant sept jours, et plus du tout si l’un de ses fichiers est mis à l’écart. "
        "La page des droits de la personne dit si une autre se prépare ; sinon, demandez-la."
    )
    status = 410
    issue = "expired"


class RequestInFuture(DomainError):
    """A request was made before it is noted."""

    code = "rights-date-in-future"
    text = "Cette date est dans le futur. Indiquez le jour de la demande."


def check_addendum(target_type: str, text: str, reason: str) -> None:
    """Raise unless an addendum names a kind of target, a text and a reason."""
    if target_type not in TARGETS:
        raise NothingToRectify
    if not text.strip() or not reason.strip():
        raise AddendumEmpty(field="reason" if text.strip() else "text")


def check_asked(asked_on: date, today: date) -> None:
    """Raise `RequestInFuture` when a request is dated after today."""
    if asked_on > today:
        raise RequestInFuture(field="asked_on")
