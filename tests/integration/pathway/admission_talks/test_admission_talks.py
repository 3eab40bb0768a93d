"""What is asked on admission: the desk that waits, the talk, what follows of it, who reads it, and after a death."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.access.circle import enter
from accounts.access.gate import open_trail
from accounts.access.models import CircleMembership, Opposition
from accounts.access.records import OpenMembership
from accounts.access.states import Basis, Category, ConsentMeans
from accounts.kernel.actor import Role
from accounts.kernel.clock import now, today
from accounts.kernel.errors import NotAllowed, NotFound
from accounts.people.records import Traits
from accounts.people.states import RelativeRole, Sex
from pathway.admission_talks.commands import note_talk
from pathway.admission_talks.models import AdmissionTalk
from pathway.admission_talks.rules import TalkAfterDeath, TalkOfMinor, TalkOutsideStay
from pathway.admission_talks.states import DirectivesAnswer, Handed, TrustedAnswer
from pathway.desks.queries import FEW
from pathway.stays.commands import cancel_stay, record_death
from pathway.stays.models import Stay
from pathway.stays.queries import stays_here
from pathway.stays.records import CancelStay, RecordDeath
from pathway.structures.states import OfferKind
from ppa.directives.models import Directive
from ppa.directives.states import Medium
from ppa.trusted_persons.models import Designation
from ppa.trusted_persons.states import State
from tests.factories import admission_talks, directives, fhir, people, referrals, trusted_persons
from tests.factories.admission_talks import stay_at, talk, talk_of
from tests.support.screens import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.fhir]

BLOCK = "Directives et personne de confiance à demander"


@pytest.fixture
def unit():
    return referrals.structure()


@pytest.fixture
def person_id(unit):
    return people.person(unit.nurse)


def stands(person_id, organisation, basis):
    enter(OpenMembership(person_id=person_id, organisation_id=organisation.id, basis=basis, source_id=uuid4()))


def desk(actor):
    return signed_in(actor).get("/").content.decode()


def page(stay_id, actor, *, status=200):
    answer = signed_in(actor).get(reverse("admission_talks:index", args=[stay_id]))
    assert answer.status_code == status
    return answer.content.decode()


def test_a_desk_tells_whom_nobody_asked_yet_until_somebody_does(unit, person_id):
    stay_id = stay_at(unit, person_id)
    for actor in (unit.nurse, unit.physician, unit.manager):
        assert BLOCK in desk(actor)
    assert "À demander" in page(stay_id, unit.nurse)
    here = signed_in(unit.manager).get(reverse("stays:here") + "?etat=a-demander").content.decode()
    assert reverse("admission_talks:index", args=[stay_id]) in here
    form = reverse("admission_talks:new", args=[stay_id])
    given = {
        "asked_on": today(), "directives": "none", "trusted": "later", "handed": ["trusted_person_notice", "designation_form"],
        "note": "Elle veut d’abord en parler à sa fille.",
    }  # fmt: skip
    answer = signed_in(unit.nurse).post(form, given)
    assert answer.status_code == 302
    told = page(stay_id, unit.nurse)
    for words in ("Elle n’en a pas écrit", "Proposée, à revoir avec elle", "La notice d’information", "à sa fille"):
        assert words in told
    assert BLOCK not in desk(unit.nurse)
    kept = Stay.objects.get(pk=stay_id)
    assert (kept.asked_on, kept.ask_again_on) == (today(), None)
    assert "demandé le" in signed_in(unit.nurse).get(reverse("stays:stay", args=[stay_id])).content.decode()
    assert "demandé le" in signed_in(unit.nurse).get(reverse("people:page", args=[person_id])).content.decode()


def test_who_waits_longest_is_named_first_on_the_desk_and_in_the_pages_of_the_list(unit):
    arrived = [timedelta(hours=hours) for hours in range(FEW)] + [timedelta(days=9)]
    waiting = [stay_at(unit, people.person(unit.nurse), admitted_at=now() - since) for since in reversed(arrived)]
    Stay.objects.filter(pk=waiting[0]).update(updated_at=now() - timedelta(days=9))
    told = desk(unit.nurse)
    assert reverse("admission_talks:index", args=[waiting[0]]) in told
    assert reverse("admission_talks:index", args=[waiting[-1]]) not in told
    seen, key = [], ""
    while True:
        with open_trail():
            rows, key = stays_here(actor=unit.nurse, tab="a-demander", after=key, size=3)
        seen += [row.id for row in rows]
        if not key:
            break
    assert seen == waiting


def test_who_cannot_answer_is_asked_again_on_the_day_that_was_chosen(unit, person_id, clock):
    stay_id = stay_at(unit, person_id)
    silent = {"directives": "unable", "trusted": "unable", "asked_on": today()}
    form = reverse("admission_talks:new", args=[stay_id])
    refused = signed_in(unit.nurse).post(form, silent)
    assert refused.status_code == 422
    assert "lui sera posée à nouveau" in refused.content.decode()
    talk(
        stay_id, unit.nurse, directives=DirectivesAnswer.UNABLE, trusted=TrustedAnswer.UNABLE, again_on=today() + timedelta(days=2)
    )  # fmt: skip
    assert BLOCK not in desk(unit.nurse)
    assert not Designation.objects.filter(person=person_id).exists(), "nothing was proposed to who could not hear it"
    clock.forward(hours=48)
    assert BLOCK in desk(unit.nurse)
    assert "À revoir avec elle" in page(stay_id, unit.nurse)
    talk(stay_id, unit.nurse)
    assert BLOCK not in desk(unit.nurse)
    assert AdmissionTalk.objects.filter(stay=stay_id).count() == 2, "the first talk stays"


def test_a_talk_of_before_that_is_written_down_late_changes_nothing_of_what_came_after(unit, person_id):
    stay_id = stay_at(unit, person_id)
    talk(stay_id, unit.nurse, trusted=TrustedAnswer.DECLINED)
    talk(
        stay_id, unit.nurse, asked_on=today() - timedelta(days=8), trusted=TrustedAnswer.WISHES, again_on=today(), note="Au téléphone"
    )  # fmt: skip
    kept = Stay.objects.get(pk=stay_id)
    assert (kept.asked_on, kept.ask_again_on) == (today(), None)
    told = page(stay_id, unit.nurse)
    assert told.index("Elle ne souhaite pas en désigner") < told.index("Au téléphone")
    assert BLOCK not in desk(unit.nurse)
    assert Designation.objects.get(person=person_id).state == State.DECLINED_FOR_NOW


def test_the_next_admission_asks_anew(unit, person_id):
    talk(stay_at(unit, person_id), unit.nurse)
    other = referrals.structure(OfferKind.LISP)
    stands(person_id, other.organisation, Basis.SAME_TEAM)
    stay_at(other, person_id)
    assert BLOCK in desk(other.nurse)
    assert BLOCK not in desk(unit.nurse)


def test_a_team_that_comes_home_is_never_late_and_may_speak_of_it():
    team = referrals.structure(OfferKind.EMSP)
    person_id = people.person(team.nurse)
    stay_id = stay_at(team, person_id, admitted_at=now() - timedelta(days=9))
    assert BLOCK not in desk(team.nurse)
    talk(stay_id, team.nurse, asked_on=today() - timedelta(days=2), again_on=today())
    assert "Échange du" in page(stay_id, team.nurse)
    assert "À revoir avec elle" in page(stay_id, team.nurse)
    assert BLOCK in desk(team.nurse), "what a team chose to come back to is recalled to it"


def test_directives_that_are_elsewhere_become_an_entry_with_their_place_alone(unit, person_id):
    stay_id = stay_at(unit, person_id)
    said = {"directives": DirectivesAnswer.ELSEWHERE, "where": "Étude Canarinotaire", "where_phone": "03 80 00 00 09"}
    talk(stay_id, unit.nurse, **said)
    (entry,) = Directive.objects.filter(person=person_id)
    assert entry.medium == Medium.LOCATION_ONLY
    assert "Étude Canarinotaire" in page(stay_id, unit.nurse)
    assert "Ce qui reste à faire" not in page(stay_id, unit.nurse)
    talk(stay_id, unit.nurse, **said)
    assert Directive.objects.filter(person=person_id).count() == 1, "what the file holds is not written twice"


def test_a_manager_notes_the_answers_and_somebody_of_the_circle_the_place(unit, person_id):
    stay_id = stay_at(unit, person_id)
    talk(stay_id, unit.manager, directives=DirectivesAnswer.ELSEWHERE, where="Chez sa sœur")
    assert not Directive.objects.filter(person=person_id).exists()
    assert not Designation.objects.filter(person=person_id).exists()
    left = reverse("directives:new", args=[person_id])
    assert "Noter où se trouvent ses directives" in page(stay_id, unit.manager)
    assert left not in page(stay_id, unit.manager)
    assert left in page(stay_id, unit.nurse)


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (TrustedAnswer.WISHES, State.PROPOSED),
        (TrustedAnswer.LATER, State.DECLINED_FOR_NOW),
        (TrustedAnswer.DECLINED, State.DECLINED_FOR_NOW),
    ],
)
def test_a_proposal_is_kept_once_with_what_she_said_of_it(unit, person_id, answer, state):
    stay_id = stay_at(unit, person_id)
    talk(stay_id, unit.nurse, trusted=answer)
    talk(stay_id, unit.nurse, trusted=answer)
    assert [one.state for one in Designation.objects.filter(person=person_id)] == [state]
    talk(stay_id, unit.nurse, trusted=TrustedAnswer.WISHES)
    assert Designation.objects.get(person=person_id).state == State.PROPOSED
    assert reverse("trusted_persons:designate", args=[person_id]) in page(stay_id, unit.nurse)


def test_who_puts_it_off_again_is_asked_on_the_day_that_she_said_last(unit, person_id):
    stay_id = stay_at(unit, person_id)
    for days in (2, 30):
        talk(stay_id, unit.nurse, trusted=TrustedAnswer.LATER, again_on=today() + timedelta(days=days))
    put_off = Designation.objects.get(person=person_id)
    assert (put_off.state, put_off.come_back_on) == (State.DECLINED_FOR_NOW, today() + timedelta(days=30))
    talk(stay_id, unit.nurse, trusted=TrustedAnswer.DECLINED)
    put_off.refresh_from_db()
    assert (put_off.state, put_off.come_back_on) == (State.DECLINED_FOR_NOW, None), "nobody comes back to a refusal"


def test_a_designation_that_counts_is_left_alone(unit, person_id):
    active = trusted_persons.designation(person_id, people.relative(person_id, unit.nurse), unit.nurse)
    directives.directive(person_id, unit.physician)
    stay_id = stay_at(unit, person_id)
    talk(stay_id, unit.nurse, directives=DirectivesAnswer.HERE, trusted=TrustedAnswer.DECLINED)
    assert [(one.id, one.state) for one in Designation.objects.filter(person=person_id)] == [(active, State.ACTIVE)]
    assert "Ce qui reste à faire" not in page(stay_id, unit.nurse)


def test_a_represented_adult_is_asked_herself_and_the_leave_is_recalled(unit, person_id):
    people.relative(person_id, unit.nurse, roles=frozenset({RelativeRole.LEGAL_REPRESENTATIVE}))
    stay_id = stay_at(unit, person_id)
    form = signed_in(unit.nurse).get(reverse("admission_talks:new", args=[stay_id]))
    assert form.context["form"].initial["is_protected"] is True
    unread = signed_in(unit.manager).get(reverse("admission_talks:new", args=[stay_id]))
    assert unread.context["form"].initial["is_protected"] is False, (
        "who may not read her relatives learns nothing of them"
    )
    talk(stay_id, unit.nurse, trusted=TrustedAnswer.WISHES, is_protected=True)
    assert "autorisation du juge ou du conseil de famille" in page(stay_id, unit.nurse)


def test_a_minor_is_asked_nothing(unit):
    born = date(today().year - 10, 1, 1)
    traits = Traits(
        birth_name="MINEURCANARI", birth_given_names=("Lou",), birth_date=born, sex=Sex.FEMALE, birthplace="21231"
    )
    stay_id = stay_at(unit, people.person(unit.nurse, traits=traits))
    assert BLOCK not in desk(unit.nurse)
    told = page(stay_id, unit.nurse)
    assert "Cette personne est mineure" in told
    assert "Noter un échange" not in told
    with pytest.raises(TalkOfMinor):
        note_talk(talk_of(stay_id), by=unit.nurse)


def test_who_comes_of_age_this_year_waits_for_her_birthday(unit, clock):
    late = date(today().year - 18, today().month, min(today().day, 28)) + timedelta(days=20)
    traits = Traits(
        birth_name="MAJEURECANARI", birth_given_names=("Lou",), birth_date=late, sex=Sex.FEMALE, birthplace="21231"
    )
    stay_at(unit, people.person(unit.nurse, traits=traits))
    assert BLOCK not in desk(unit.nurse)
    clock.forward(hours=21 * 24)
    assert BLOCK in desk(unit.nurse)


def test_nothing_is_asked_after_a_death_and_a_talk_that_took_place_is_still_written_down(unit, person_id):
    stay_id = stay_at(unit, person_id, admitted_at=now() - timedelta(days=3))
    record_death(RecordDeath(person_id=person_id, died_on=today() - timedelta(days=1)), by=unit.physician)
    assert BLOCK not in desk(unit.nurse)
    with pytest.raises(TalkAfterDeath):
        note_talk(talk_of(stay_id), by=unit.nurse)
    note_talk(
        talk_of(stay_id, asked_on=today() - timedelta(days=2), trusted=TrustedAnswer.DECLINED), by=unit.nurse
    )  # fmt: skip
    assert not Designation.objects.filter(person=person_id).exists()


def test_a_stay_that_will_not_take_place_is_no_admission(unit, person_id):
    asked = referrals.sent(unit)
    referrals.proposed(asked)
    planned = Stay.objects.get(person=asked.person_id)
    cancel_stay(CancelStay(stay_id=planned.id), by=unit.manager)
    with pytest.raises(TalkOutsideStay):
        note_talk(talk_of(planned.id), by=unit.manager)


def test_only_the_structure_of_the_stay_writes_and_only_the_circle_reads(unit, person_id):
    stay_id = stay_at(unit, person_id)
    talk(stay_id, unit.nurse, handed=frozenset({Handed.EASY_WORDS}))
    stranger = referrals.structure()
    for actor in (stranger.nurse, stranger.manager):
        page(stay_id, actor, status=404)
        with pytest.raises(NotFound):
            note_talk(talk_of(stay_id), by=actor)
    stands(person_id, stranger.organisation, Basis.CONSENT)
    coordination = people.actor(Role.COORDINATOR, stranger.organisation)
    for actor in (stranger.nurse, coordination):
        assert "Une information adaptée" in page(stay_id, actor)
        with pytest.raises((NotAllowed, NotFound)):
            note_talk(talk_of(stay_id), by=actor)
    social = people.actor(Role.SOCIAL_WORKER, unit.organisation)
    page(stay_id, social, status=404)
    CircleMembership.objects.filter(organisation=stranger.organisation).update(ends_at=now())
    page(stay_id, stranger.nurse, status=404)


def test_who_is_refused_the_directives_is_refused_what_was_said_of_them(unit, person_id):
    stay_id = stay_at(unit, person_id)
    kept = talk(stay_id, unit.nurse)
    reader = fhir.partner(unit.organisation)
    assert reader.get(f"QuestionnaireResponse/{kept.id}").status_code == 200
    Opposition.objects.create(
        person_id=person_id, organisation=unit.organisation, category=Category.DIRECTIVES, stated_on=today(), means=ConsentMeans.SPOKEN
    )  # fmt: skip
    page(stay_id, unit.nurse, status=404)
    with pytest.raises(NotFound):
        note_talk(talk_of(stay_id), by=unit.nurse)
    assert reader.get(f"QuestionnaireResponse/{kept.id}").status_code == 404
    stay = signed_in(unit.nurse).get(reverse("stays:stay", args=[stay_id]))
    assert stay.status_code == 200
    assert "Directives et personne de confiance" not in stay.content.decode()
    Stay.objects.filter(pk=stay_id).update(ask_again_on=today())
    assert BLOCK not in desk(unit.nurse)
    for tab in ("presentes", "a-demander"):
        shown = signed_in(unit.nurse).get(reverse("stays:here") + f"?etat={tab}").content.decode()
        assert reverse("admission_talks:index", args=[stay_id]) not in shown, "a way that leads nowhere"


def test_who_left_the_circle_is_told_of_nobody_to_ask(unit, person_id):
    stay_id = stay_at(unit, person_id)
    assert BLOCK in desk(unit.nurse)
    CircleMembership.objects.filter(person=person_id).update(ends_at=now())
    page(stay_id, unit.nurse, status=404)
    for actor in (unit.nurse, unit.manager):
        assert BLOCK not in desk(actor), "a way that leads nowhere"
    CircleMembership.objects.filter(person=person_id).update(ends_at=None, category=Category.REQUESTS)
    page(stay_id, unit.nurse, status=404)
    assert BLOCK not in desk(unit.nurse)


def test_a_desk_and_a_list_cost_the_same_for_one_and_for_five(unit):
    def cost(address):
        client = signed_in(unit.nurse)
        client.get(address)
        with CaptureQueriesContext(connection) as statements:
            assert client.get(address).status_code == 200
        return len(statements)

    stay_at(unit, people.person(unit.nurse))
    addresses = ("/", reverse("stays:here") + "?etat=a-demander")
    first = [cost(address) for address in addresses]
    for _ in range(4):
        stay_at(unit, people.person(unit.nurse))
    assert [cost(address) for address in addresses] == first


def test_the_person_s_page_costs_no_statement_more_for_the_question(unit, person_id):
    client = signed_in(unit.nurse)
    address = reverse("people:page", args=[person_id])
    stay_id = stay_at(unit, person_id)

    def cost():
        client.get(address)
        with CaptureQueriesContext(connection) as statements:
            client.get(address)
        return [one["sql"] for one in statements if "admissiontalk" in one["sql"]]

    assert cost() == []
    admission_talks.talk(stay_id, unit.nurse, trusted=TrustedAnswer.DESIGNATED)
    assert cost() == []
