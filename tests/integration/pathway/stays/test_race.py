"""Two structures admit the same person at the same instant: one succeeds, the other is told so."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, connections

from accounts.kernel.clock import now
from pathway.referrals.models import RequestLine
from pathway.referrals.rules import AdmittedElsewhere
from pathway.referrals.states import LineState
from pathway.stays.commands import admit_person
from pathway.stays.models import Stay
from pathway.stays.records import AdmitPerson
from tests.factories import referrals


@pytest.mark.postgresql
@pytest.mark.commits
@pytest.mark.django_db(transaction=True)
def test_two_admissions_at_once_give_one_stay():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time: the race is PostgreSQL's")
    asked = referrals.sent(referrals.structure(), referrals.structure())
    for index in (0, 1):
        referrals.proposed(asked, index)
    barrier, lines, managers = Barrier(2), [asked.line(0), asked.line(1)], [one.manager for one in asked.structures]

    def admit(index):
        record = AdmitPerson(line_id=lines[index].id, version=lines[index].version, admitted_at=now())
        barrier.wait(timeout=10)
        try:
            return admit_person(record, by=managers[index]).type
        except AdmittedElsewhere as refusal:
            return refusal.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=2) as pool:
        answers = sorted(pool.map(admit, (0, 1)))
    assert answers == ["referral-admitted-elsewhere", "stay"]
    assert sorted(RequestLine.objects.values_list("state", flat=True)) == [
        LineState.ADMITTED,
        LineState.CLOSED_ELSEWHERE,
    ]
    assert Stay.objects.filter(state="in_progress").count() == 1
