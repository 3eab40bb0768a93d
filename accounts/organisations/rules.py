"""What of an outside contact can be kept."""

from collections.abc import Mapping

from accounts.kernel.errors import DomainError


class ContactTooLong(DomainError):
    """A partner names somebody at more length than the directory holds."""

    code = "outside-contact-too-long"
    text = "Le nom, le numéro ou le téléphone d’un contact est trop long pour être gardé. Raccourcissez-le, puis envoyez de nouveau."


def check_lengths(values: Mapping[str, str], *, longest: Mapping[str, int]) -> None:
    """Raise `ContactTooLong` when a value has more characters than its column keeps."""
    if any(len(value) > longest[name] for name, value in values.items()):
        raise ContactTooLong
