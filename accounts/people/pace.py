"""How often people are sought, and telling the referents when whole identities are tried too often. Source: security.md §5.3."""

from contextlib import suppress
from dataclasses import replace
from typing import Final

from django.conf import settings

from accounts.access.gate import current_trail
from accounts.access.permissions import Permission
from accounts.access.unit import Answer, Unit, run_together
from accounts.audit.records import AuditEntry, Outcome
from accounts.kernel.actor import Actor
from accounts.kernel.errors import ReadOnly
from accounts.kernel.limits import Limit, count
from accounts.people.events import ExactSearchesStopped
from accounts.people.rules import InsSearchesLimited, SearchesLimited, whole_ins

A_DAY: Final = 86_400
INS_LIMITS: Final = (Limit("ins-search", 20), Limit("ins-search-day", 200, A_DAY))
TOLD: Final = Limit("exact-searches-told", 1, A_DAY)


def hold_pace(text: str, *, by: Actor) -> None:
    """Count one search; raises `SearchesLimited`, or `InsSearchesLimited` once the referents are told."""
    if count(Limit("person-search", settings.SEARCHES_PER_MINUTE), str(by.id)):
        raise SearchesLimited
    if whole_ins(text) and any(count(limit, str(by.id)) for limit in INS_LIMITS):
        refused = InsSearchesLimited()
        current_trail().note(
            AuditEntry(
                actor=by, action=Permission.PATIENT_IDENTITY_SEARCH_EXACT_INS, object_type="person",
                outcome=Outcome.REFUSED, rule=refused.code,
            )
        )  # fmt: skip
        tell_referents(by)
        raise refused


def tell_referents(by: Actor) -> None:
    """Have the referents of who searches written to, once a day for one account; not while nothing can be written."""
    place = by.organisation_id
    if place is None or count(TOLD, str(by.id)):
        return

    def note(unit: Unit) -> Answer:
        unit.events.append(
            ExactSearchesStopped(aggregate_type="organisation", aggregate_id=place, aggregate_version=0, person_id=None)
        )
        return {}

    with suppress(ReadOnly):
        run_together(note, by=replace(by, idempotency_key=""), fingerprint="")
