"""What of a document waits to be settled: the feature above that finds it registers itself here."""

from collections.abc import Callable

from accounts.kernel.actor import Actor
from ppa.directives.records import DirectiveSnapshot, ToSettle

Reader = Callable[[DirectiveSnapshot, Actor], ToSettle]

_readers: list[Reader] = []


def tells_what_to_settle(reader: Reader) -> Reader:
    """Register the function that gives it."""
    _readers.append(reader)
    return reader


def to_settle(document: DirectiveSnapshot, actor: Actor) -> ToSettle:
    """Return what waits about a document that an actor reads."""
    told = [reader(document, actor) for reader in _readers]
    return ToSettle(inside=tuple(line for one in told for line in one.inside), beside=sum(one.beside for one in told))
