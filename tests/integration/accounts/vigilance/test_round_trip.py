"""Merged, written to, parted: each record is as it was before, and what was written since is there besides."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.access.commands import record_opposition
from accounts.access.records import RecordOpposition
from accounts.access.states import Category, ConsentMeans
from accounts.kernel.actor import Role
from accounts.kernel.clock import today
from accounts.kernel.models import Transition
from accounts.people.commands import update_contact
from accounts.people.models import Person, PersonToken
from accounts.people.records import Contact, UpdateContact
from accounts.vigilance.belongings import person_columns
from ppa.directives.states import Medium
from tests.factories import assessments, directives, identities, people

pytestmark = [pytest.mark.django_db, pytest.mark.long]
NEVER_COMPARED = {"version", "updated_at"}
"""Both grow with each deed, a merge and its end included."""


class Story:
    """A pair, and what may be done to one of its records."""

    def __init__(self) -> None:
        self.pair = identities.pair()
        self.physician = people.actor(Role.PHYSICIAN, self.pair.hospital)

    def relative(self, person_id: UUID) -> None:
        people.relative(person_id, self.pair.nurse)

    def assessment(self, person_id: UUID) -> None:
        assessments.assessment(person_id, self.pair.nurse)

    def old_directive(self, person_id: UUID) -> None:
        self._directive(person_id, date(2023, 5, 1))

    def new_directive(self, person_id: UUID) -> None:
        self._directive(person_id, date(2026, 5, 1))

    def opposition(self, person_id: UUID) -> None:
        elsewhere = people.organisation()
        record = RecordOpposition(
            person_id=person_id, organisation_id=elsewhere.id, stated_on=today(), means=ConsentMeans.SPOKEN,
            categories=frozenset({Category.PLAN}),
        )  # fmt: skip
        record_opposition(record, by=self.pair.nurse)

    def agreement(self, person_id: UUID) -> None:
        people.consented(person_id, people.organisation(), by=self.physician)

    def contact(self, person_id: UUID) -> None:
        version = Person.objects.get(pk=person_id).version
        reached = Contact(phones=("06 39 98 11 22",), city="Dole")
        update_contact(UpdateContact(person_id=person_id, version=version, contact=reached), by=self.pair.nurse)

    def _directive(self, person_id: UUID, signed_on: date) -> None:
        directives.directive(
            person_id, self.physician, medium=Medium.DIGITAL, file=None, signed_on=signed_on, wishes=()
        )


DEEDS = ("relative", "assessment", "old_directive", "new_directive", "opposition", "agreement", "contact")
BESIDE_THE_MERGE = tuple(deed for deed in DEEDS if deed != "contact")


def rows_of(*person_ids: UUID) -> dict[tuple[str, Any], dict[str, Any]]:
    """Return every row that moves of two records, whole, by table and key."""
    found = {}
    for model, column in person_columns():
        for row in model._default_manager.filter(**{f"{column}__in": person_ids}).order_by("pk"):
            values = {one.attname: getattr(row, one.attname) for one in model._meta.concrete_fields}
            found[model._meta.label, row.pk] = {name: one for name, one in values.items() if name not in NEVER_COMPARED}
    return found


def tokens_of(person_id: UUID) -> set[tuple[str, bytes]]:
    return {(row.kind, bytes(row.token)) for row in PersonToken.objects.filter(person_id=person_id)}


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    of_kept=st.lists(st.sampled_from(DEEDS), max_size=4),
    of_merged=st.lists(st.sampled_from(DEEDS), max_size=4),
    since=st.lists(st.sampled_from(BESIDE_THE_MERGE), max_size=3),
)
def test_merging_writing_and_parting_is_writing(of_kept, of_merged, since):
    story = Story()
    kept_id, merged_id = story.pair.kept_id, story.pair.merged_id
    for person_id, deeds in ((kept_id, of_kept), (merged_id, of_merged)):
        for deed in deeds:
            getattr(story, deed)(person_id)
    before = rows_of(kept_id, merged_id)
    tokens = tokens_of(merged_id)

    merge = identities.merged(story.pair)
    if "relative" not in since:
        assert tokens_of(merged_id) == set()
    joined = rows_of(kept_id, merged_id)
    for deed in since:
        getattr(story, deed)(kept_id)
    later = set(rows_of(kept_id, merged_id)) - set(joined)
    identities.parted(merge, story.pair)

    after = rows_of(kept_id, merged_id)
    differing = {
        key for key, row in before.items() if after[key] != row and not _superseded_since(key, row, after[key], since)
    }
    assert differing == set()
    assert tokens_of(merged_id) == tokens
    assert later <= set(after)
    own = {"accounts.Relative", "ppa.Assessment", "accounts.Opposition", "accounts.SharingConsent"}
    for label, key in later:
        if label in own:
            assert after[label, key]["person_id"] == kept_id
    added = {key for key in set(after) - set(before) - later if key[0] != Transition._meta.label}
    assert added == set()


def _superseded_since(key: tuple[str, Any], row: Any, present: Any, since: list[str]) -> bool:
    """A document that a later one of the same record replaced, as it would have without the merge."""
    changed = {name for name in row if row[name] != present[name]}
    later = {"old_directive", "new_directive"} & set(since)
    return key[0] == "ppa.Directive" and bool(later) and changed <= {"state", "superseded_by_id"}
