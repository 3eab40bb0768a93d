"""What a person takes back, and what a structure that was only asked may not give itself."""

import pytest

from accounts.access.commands import withdraw_sharing_consent
from accounts.access.gate import standing_of
from accounts.access.models import SharingConsent
from accounts.access.records import WithdrawSharingConsent
from accounts.access.states import Basis, ConsentMeans
from accounts.kernel.clock import now, today
from accounts.kernel.errors import NotAllowed
from pathway.stays.commands import open_stay
from pathway.stays.models import Stay
from pathway.stays.records import OpenStay
from tests.factories import referrals

pytestmark = pytest.mark.django_db


def take_back(asked):
    consent = SharingConsent.objects.get(person_id=asked.person_id)
    record = WithdrawSharingConsent(consent_id=consent.id, withdrawn_on=today(), means=ConsentMeans.SPOKEN)
    withdraw_sharing_consent(record, by=asked.sender)


def bases(asked):
    return standing_of(asked.structures[0].manager, asked.person_id).bases


def test_a_structure_that_agreed_reads_no_more_once_the_agreement_is_taken_back():
    asked = referrals.sent()
    referrals.agreed(asked)
    assert Basis.ACCEPTED_REFERRAL in bases(asked)
    take_back(asked)
    assert bases(asked) == frozenset()


def test_the_team_that_cares_for_the_person_goes_on_reading():
    asked = referrals.sent()
    referrals.proposed(asked)
    referrals.admitted(asked)
    take_back(asked)
    assert {Basis.SAME_TEAM, Basis.ACCEPTED_REFERRAL} <= bases(asked)


def test_a_structure_that_was_only_asked_enters_the_circle_by_answering_not_by_declaring_an_arrival():
    asked = referrals.sent()
    structure = asked.structures[0]
    record = OpenStay(person_id=asked.person_id, offer_id=structure.offer.id, admitted_at=now())
    for role in (structure.manager, structure.physician):
        with pytest.raises(NotAllowed):
            open_stay(record, by=role)
    assert bases(asked) == {Basis.ADDRESSED_REFERRAL}
    assert not Stay.objects.exists()
