"""What a person's file holds of her directives and of whom she trusts, in words: that they exist, where and since when.

A plan is read beside them and never copies what they say. Source: domain.md §1.4, topic 12.
"""

from collections.abc import Iterable
from uuid import UUID

from accounts.access.gate import is_permitted
from accounts.access.permissions import Permission
from accounts.access.queries import is_refused_to_somebody
from accounts.access.records import Facts
from accounts.access.states import Category
from accounts.kernel.actor import Actor
from accounts.kernel.written_days import written_day
from accounts.people.queries import relatives_snapshot
from ppa.directives.queries import current_directive, directives_of
from ppa.directives.records import DirectiveExistence
from ppa.trusted_persons.queries import active_designation, designations_of
from ppa.trusted_persons.records import DesignationSnapshot
from ppa.trusted_persons.states import State


def told_on_paper(person_id: UUID) -> tuple[str, ...]:
    """Return it for a paper that is given away, unscoped; whom she trusts is left out where she refused it to somebody."""
    lines = [directives_line(current_directive(person_id))]
    if not is_refused_to_somebody(person_id, Category.DIRECTIVES):
        lines.append(trusted_line(person_id, active_designation(person_id)))
    return tuple(lines)


def directives_told(person_id: UUID, *, actor: Actor) -> str:
    """Return that directives exist as an actor may know it; empty when he may not."""
    if not is_permitted(
        actor, Permission.ADVANCE_DIRECTIVE_READ_EXISTENCE, Facts(type="directive", person_id=person_id)
    ):
        return ""
    return directives_line(next((one for one in directives_of(person_id, actor=actor) if one.is_current), None))


def trusted_told(person_id: UUID, *, actor: Actor) -> str:
    """Return whom she trusts as an actor may know it; empty when he may not."""
    if not is_permitted(actor, Permission.TRUSTED_PERSON_READ, Facts(type="designation", person_id=person_id)):
        return ""
    return trusted_line(person_id, _active(designations_of(person_id, actor=actor)))


def directives_line(current: DirectiveExistence | None) -> str:
    """Return that a document prevails, of which day and where it is kept; or that none is held here."""
    if current is None:
        return "Directives anticipées : aucune n’est enregistrée comme valable au dossier."
    day = f"datées du {written_day(current.signed_on)}" if current.signed_on else "sans date"
    where = f"conservées par {current.holder.name}" if current.holder else "conservées au dossier"
    return f"Directives anticipées : {day}, {where}."


def trusted_line(person_id: UUID, active: DesignationSnapshot | None) -> str:
    """Return who was designated, and when; or that nobody is."""
    relatives = {one.id: one for one in relatives_snapshot(person_id)}
    relative = relatives.get(active.relative_id) if active and active.relative_id else None
    if active is None or relative is None:
        return "Personne de confiance : aucune n’est désignée au dossier."
    signed_on = active.signatures.person_signed_on
    since = f", désignée le {written_day(signed_on)}" if signed_on else ""
    return f"Personne de confiance : {relative.given} {relative.family}{since}."


def _active(designations: Iterable[DesignationSnapshot]) -> DesignationSnapshot | None:
    return next((one for one in designations if one.state == State.ACTIVE), None)
