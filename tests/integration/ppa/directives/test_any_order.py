"""Any sequence of documents, revocations and mistakes leaves at most one current document: the latest that may be."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.kernel.actor import Role
from ppa.directives.commands import revoke_directive, withdraw_directive
from ppa.directives.queries import current_directive, directive_snapshot, directives_snapshot
from ppa.directives.records import RevokeDirective, WithdrawDirective
from ppa.directives.states import OPEN, RevocationMeans, State
from tests.factories import directives, people

pytestmark = pytest.mark.django_db

RECORD, UNDATED, REVOKE, WITHDRAW = "record", "undated", "revoke", "withdraw"
DEEDS = st.lists(st.tuples(st.sampled_from([RECORD, RECORD, UNDATED, REVOKE, WITHDRAW]), st.integers(0, 5)), max_size=7)


def do(deed, number, *, person_id, by):
    """Do one deed; `number` is the year of a new document, or which of those that can take it."""
    if deed == RECORD:
        directives.directive(person_id, by, signed_on=date(2018 + number, 1, 1))
        return
    if deed == UNDATED:
        directives.directive(person_id, by, signed_on=None, is_undated=True)
        return
    takes = OPEN if deed == REVOKE else OPEN | {State.SUPERSEDED}
    able = [one for one in directives_snapshot(person_id) if one.state in takes]
    if not able:
        return
    chosen = able[number % len(able)]
    if deed == WITHDRAW:
        withdraw_directive(WithdrawDirective(directive_id=chosen.id, version=chosen.version), by=by)
        return
    revoke_directive(
        RevokeDirective(
            directive_id=chosen.id,
            version=chosen.version,
            revoked_on=date(2026, 9, 1),
            means=RevocationMeans.WRITTEN,
            received_by="Essai",
        ),
        by=by,
    )


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=DEEDS)
def test_at_most_one_is_current_and_nothing_later_waits_behind_it(db, deeds):
    nurse = people.actor(Role.NURSE)
    person_id = people.person(nurse)
    for deed, number in deeds:
        do(deed, number, person_id=person_id, by=nurse)
        documents = directives_snapshot(person_id)
        valid = [one for one in documents if one.state == State.VALID]
        superseded = [one for one in documents if one.state == State.SUPERSEDED]
        current = current_directive(person_id)
        assert [one.id for one in valid] == ([current.id] if current else [])
        assert all(one.signed_on is not None for one in valid + superseded)
        assert all(one.signed_on <= kept.signed_on for kept in valid for one in superseded)
        for one in superseded:
            successor = directive_snapshot(one.superseded_by_id)
            assert successor.state != State.ENTERED_IN_ERROR
            assert successor.signed_on >= one.signed_on
