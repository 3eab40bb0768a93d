"""When a piece of work may be done again."""

from accounts.kernel.errors import DomainError


class NotGivenUp(DomainError):
    """Only what was given up can be asked for again."""

    code = "work-not-given-up"
    text = "Ce traitement n’est plus en échec : rien n’est à relancer. Rechargez la page."
    status = 409


def check_given_up(*, dead: bool) -> None:
    """Raise `NotGivenUp` for work that waits or is done."""
    if not dead:
        raise NotGivenUp
