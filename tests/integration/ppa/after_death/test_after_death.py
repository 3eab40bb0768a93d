"""After a death: relatives told in the chosen words, called back, left alone when they wish it; and a death noted by mistake."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client

from accounts.access.circle import enter
from accounts.access.gate import open_trail
from accounts.access.models import CircleMembership
from accounts.access.records import OpenMembership
from accounts.access.states import Basis
from accounts.break_glass.models import EmergencyAccessNotice
from accounts.break_glass.queries import letter_for, notices_due
from accounts.break_glass.rules import NobodyToTell
from accounts.kernel.actor import Role
from accounts.kernel.clock import today
from accounts.kernel.errors import NotFound
from accounts.organisations.models import Organisation
from accounts.outbox.drain import drain
from accounts.people.commands import mark_deceased
from accounts.people.models import Person
from accounts.people.queries import person_for
from accounts.people.records import CorrectDeath, MarkDeceased
from accounts.people.rules import NotDeceased
from accounts.people.states import DeathMistake, RelativeRole
from pathway.cases.commands import include_and_assign, signal_case
from pathway.cases.models import Case, CaseCoordinator
from pathway.cases.records import IncludeAndAssign, SignalCase
from pathway.opinions.models import Opinion
from pathway.stays.commands import correct_death
from ppa.after_death.commands import move_contact, plan_contact, stop_contacts
from ppa.after_death.models import BereavementContact
from ppa.after_death.queries import calls_due, relatives_followed, wishes_of
from ppa.after_death.records import MoveContact, PlanContact, StopContacts
from ppa.after_death.rules import NotHerRelative, NotToldYet, WishAfterDeath
from ppa.after_death.states import ContactState, Outcome
from ppa.announcements.models import PlanProposal
from ppa.announcements.queries import proposals_to_answer
from ppa.crises.models import Crisis, Prescription
from ppa.plans.models import Plan
from ppa.plans.queries import plans_to_review, plans_to_sign
from ppa.trusted_persons.rules import PersonHasDied
from tests.factories import after_death, announcements, crises, emergencies, fhir, people, plans, trusted_persons
from tests.integration.accounts.guests.test_guests import Story as Guest
from tests.integration.ppa.acceptances.test_acceptances import OVER
from tests.integration.ppa.acceptances.test_acceptances import Story as Asked
from tests.support.screens import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.fhir]


class Story:
    """A nurse of a team, her patient with a daughter who helps her and a neighbour, and the DAC that follows her."""

    def __init__(self):
        self.nurse = people.actor(Role.NURSE)
        self.person_id = people.person(self.nurse)
        self.daughter = people.relative(
            self.person_id, self.nurse, family="CANARIPROCHE", roles=frozenset({RelativeRole.CARER})
        )
        self.neighbour = people.relative(self.person_id, self.nurse, family="VOISINE", relation="NBOR")
        self.coordinator = people.actor(Role.COORDINATOR, people.coordination())
        case = signal_case(SignalCase(person_id=self.person_id, reason="Essai"), by=self.nurse)
        include_and_assign(
            IncludeAndAssign(case_id=case.id, version=1, coordinator_id=self.coordinator.professional_id),
            by=self.coordinator,
        )
        self.case = Case.objects.get(pk=case.id)

    def dies(self, *, days_ago=0):
        after_death.died(self.person_id, self.nurse, on=today() - timedelta(days=days_ago))

    def states(self, relative_id):
        rows = BereavementContact.objects.filter(relative_id=relative_id).order_by("due_on")
        return [(row.step, row.state) for row in rows]

    def page(self, actor=None):
        return signed_in(actor or self.nurse).get(f"/personnes/{self.person_id}/apres/")


@pytest.fixture
def story():
    return Story()


def test_a_death_plans_to_tell_each_relative_and_to_call_back_those_with_a_role(story):
    story.dies()
    assert story.states(story.neighbour) == [("news", "planned")]
    assert [step for step, _ in story.states(story.daughter)] == ["news", "two_weeks", "three_months", "one_year"]
    rows = BereavementContact.objects.filter(person_id=story.person_id)
    assert {row.organisation_id for row in rows} == {story.coordinator.organisation_id}


def test_the_words_that_she_chose_stand_before_who_tells(story):
    after_death.wish(story.person_id, story.nurse, words="Pas la nuit CANARIUN", stated_on=today() - timedelta(days=9))
    after_death.wish(story.person_id, story.nurse, words="Avec des fleurs CANARIDEUX")
    with open_trail():
        assert [one.words for one in wishes_of(story.person_id, actor=story.nurse)] == [
            "Avec des fleurs CANARIDEUX", "Pas la nuit CANARIUN",
        ]  # fmt: skip
    story.dies()
    news = after_death.contact(story.daughter)
    page = signed_in(story.nurse).get(f"/personnes/{story.person_id}/apres/contacts/{news.id}/").content.decode()
    assert "CANARIDEUX" in page
    assert "CANARIUN" not in page
    with pytest.raises(WishAfterDeath):
        after_death.wish(story.person_id, story.nurse)


def test_she_is_told_then_called_back_and_who_spoke_is_kept(story):
    story.dies(days_ago=15)
    with pytest.raises(NotToldYet):
        after_death.noted(story.daughter, story.nurse, "two_weeks")
    after_death.noted(story.daughter, story.nurse, outcome=Outcome.UNREACHABLE)
    after_death.noted(story.daughter, story.nurse, note="Elle était là CANARINOTE")
    after_death.noted(story.daughter, story.nurse, "two_weeks")
    assert [state for _, state in story.states(story.daughter)] == ["done", "done", "planned", "planned"]
    page = story.page().content.decode()
    assert "CANARINOTE" in page
    assert "Essai, infirmière" in page


def test_a_relative_who_wishes_no_contact_gets_none_at_once(story):
    story.dies()
    after_death.noted(story.daughter, story.nurse)
    stop_contacts(StopContacts(person_id=story.person_id, relative_id=story.daughter), by=story.nurse)
    assert [state for _, state in story.states(story.daughter)] == ["done", "not_wished", "not_wished", "not_wished"]
    after_death.noted(story.neighbour, story.nurse, outcome=Outcome.NOT_WISHED, by_whom="")
    with open_trail():
        assert calls_due(actor=story.coordinator, ahead=timedelta(days=400)) == []
    plan_contact(
        PlanContact(person_id=story.person_id, relative_id=story.daughter, due_on=today() + timedelta(days=3)),
        by=story.nurse,
    )
    with open_trail():
        assert [one.contact.step for one in calls_due(actor=story.coordinator)] == ["by_hand"]


def test_a_contact_takes_another_day_and_is_with_her_own_relatives(story):
    story.dies()
    news = after_death.contact(story.daughter)
    later = today() + timedelta(days=2)
    move_contact(MoveContact(contact_id=news.id, version=news.version, due_on=later), by=story.nurse)
    assert after_death.contact(story.daughter).due_on == later
    stranger = people.relative(people.person(story.nurse), story.nurse)
    with pytest.raises(NotHerRelative):
        plan_contact(PlanContact(person_id=story.person_id, relative_id=stranger, due_on=later), by=story.nurse)


def test_the_coordinator_calls_in_the_order_of_the_days_long_after_the_file_is_closed(story, clock):
    story.dies(days_ago=3)
    with open_trail():
        due = calls_due(actor=story.coordinator)
    assert [(one.contact.step, one.is_late) for one in due] == [("news", True), ("news", True)]
    desk = signed_in(story.coordinator).get("/").content.decode()
    assert "Proches à rappeler" in desk
    assert "CANARIPROCHE" in desk
    after_death.noted(story.daughter, story.nurse)
    clock.forward(days=360)
    with pytest.raises(NotFound), open_trail():
        person_for(story.person_id, actor=story.coordinator)
    listed = signed_in(story.coordinator).get("/proches-a-rappeler/").content.decode()
    assert listed.index("Appel deux semaines après") < listed.index("Appel un an après")
    page = story.page(story.coordinator)
    assert page.status_code == 200
    assert "Données minimales" in page.content.decode()
    contact = after_death.contact(story.daughter, "one_year")
    said = signed_in(story.coordinator).post(
        f"/personnes/{story.person_id}/apres/contacts/{contact.id}/",
        {"version": contact.version, "outcome": "done", "happened_on": str(today()), "by_whom": "Essai"},
    )
    assert said.status_code == 302
    assert after_death.contact(story.daughter, "one_year").state == ContactState.DONE


def test_another_dac_and_a_stranger_know_nothing_of_it(story):
    story.dies()
    for role in (Role.COORDINATOR, Role.NURSE):
        other = people.actor(role)
        assert story.page(other).status_code == 404
        with open_trail():
            assert calls_due(actor=other) == []
    with pytest.raises(NotFound), open_trail():
        relatives_followed(story.person_id, actor=people.actor(Role.PHYSICIAN))


def test_nothing_is_asked_of_the_trusted_person_of_somebody_who_died(story):
    asked = Asked()
    asked.invite()
    client = asked.opened()
    after_death.died(asked.person_id, asked.nurse)
    assert OVER in client.get("/confiance/reponse/").content.decode()
    assert "plus rien n’est demandé" in asked.invite().content.decode()
    relative_id = people.relative(asked.person_id, asked.nurse)
    with pytest.raises(PersonHasDied):
        trusted_persons.designation(asked.person_id, relative_id, asked.nurse)


def test_a_link_that_waits_is_not_sent_and_opens_no_more_after_the_death():
    asked = Asked()
    asked.invite()
    mark_deceased(MarkDeceased(person_id=asked.person_id, died_on=today()), by=asked.nurse)
    assert OVER in Client().post(asked.link, {"code": asked.code}).content.decode()


def test_no_link_leaves_for_a_person_who_died_meanwhile():
    guest = Guest()
    guest.invite(send=False)
    mark_deceased(MarkDeceased(person_id=guest.person_id, died_on=today()), by=guest.nurse)
    drain()
    assert mail.outbox == []


def test_nobody_tells_or_writes_to_a_person_who_died_that_her_file_was_opened(story):
    emergencies.opened(story.person_id, emergencies.dispatcher())
    notice = EmergencyAccessNotice.objects.get(person_id=story.person_id)
    with open_trail():
        assert [one.id for one in notices_due(actor=story.coordinator)] == [notice.id]
    story.dies()
    with open_trail():
        assert notices_due(actor=story.coordinator) == []
        with pytest.raises(NobodyToTell):
            letter_for(notice.id, actor=story.coordinator)
    said = signed_in(story.coordinator).get(f"/urgence/prevenir/{notice.id}/")
    assert "aucun courrier ne part à son nom" in said.content.decode()
    correct_death(CorrectDeath(person_id=story.person_id, reason=DeathMistake.MISTYPED), by=story.nurse)
    with open_trail():
        assert [one.id for one in notices_due(actor=story.coordinator)] == [notice.id]


def test_no_desk_reminds_of_a_proposal_or_a_plan_of_a_person_who_died():
    team = plans.team()
    plans.agreed(team)
    Plan.objects.update(review_on=today())
    proposal = announcements.proposed(team.person_id, team.physician)
    owner = people.actor(Role.COORDINATOR, PlanProposal.objects.get(pk=proposal.id).owner)
    with open_trail():
        assert proposals_to_answer(actor=owner).items
        assert plans_to_sign(actor=team.physician)
        assert plans_to_review(actor=team.physician)
    after_death.died(team.person_id, team.nurse)
    with open_trail():
        assert proposals_to_answer(actor=owner).items == []
        assert plans_to_sign(actor=team.physician) == []
        assert plans_to_review(actor=team.physician) == []
    assert not Opinion.objects.filter(state="asked").exists()


def test_a_death_noted_by_mistake_is_taken_back_and_what_it_stopped_goes_on(story):
    team = plans.Team(story.person_id, story.coordinator, people.actor(Role.PHYSICIAN), story.nurse)
    enter(
        OpenMembership(person_id=story.person_id, organisation_id=team.physician.organisation_id, basis=Basis.SAME_TEAM)
    )
    crises.foreseen(story.person_id, team.physician)
    plan = plans.signed(team)
    before = (plan.state, story.case.state, Crisis.objects.get().state)
    story.dies()
    after_death.noted(story.daughter, story.nurse)
    assert Plan.objects.get().state == "closed"
    correct_death(CorrectDeath(person_id=story.person_id, reason=DeathMistake.WRONG_RECORD), by=story.nurse)
    assert Person.objects.get(pk=story.person_id).died_on is None
    case = Case.objects.get(pk=story.case.pk)
    assert (Plan.objects.get().state, case.state, Crisis.objects.get().state) == before
    assert (case.closed_at, case.closing_reason) == (None, "")
    assert CaseCoordinator.objects.get(case=case).until is None
    assert not Prescription.objects.filter(stopped_at__isnull=False).exists()
    standing = CircleMembership.objects.filter(source_id=case.id, basis=Basis.COORDINATION, ends_at=None)
    assert standing.count() == 1
    assert {state for _, state in story.states(story.neighbour)} == {"cancelled"}
    page = story.page().content.decode()
    assert "rappelez-les pour le leur dire" in page
    with open_trail():
        assert calls_due(actor=story.coordinator, ahead=timedelta(days=400)) == []
    with pytest.raises(NotDeceased):
        correct_death(CorrectDeath(person_id=story.person_id, reason=DeathMistake.MISTYPED), by=story.nurse)


def test_a_partner_reads_the_death_and_reads_it_no_more_when_it_was_a_mistake(story):
    partner = fhir.partner(Organisation.objects.get(pk=story.nurse.organisation_id))
    story.dies()
    assert partner.get(f"Patient/{story.person_id}").json()["deceasedDateTime"] == today().isoformat()
    correct_death(CorrectDeath(person_id=story.person_id, reason=DeathMistake.MISTYPED), by=story.nurse)
    assert "deceasedDateTime" not in partner.get(f"Patient/{story.person_id}").json()


def test_after_the_mistake_a_real_death_begins_anew(story):
    story.dies()
    after_death.noted(story.daughter, story.nurse)
    correct_death(CorrectDeath(person_id=story.person_id, reason=DeathMistake.WRONG_NEWS), by=story.nurse)
    story.dies()
    with pytest.raises(NotToldYet):
        after_death.noted(story.daughter, story.nurse, "two_weeks")


def test_the_screens_from_the_wish_to_the_last_call(story):
    client, base = signed_in(story.nurse), f"/personnes/{story.person_id}/apres/"
    assert "Prévenir ses proches" in client.get(f"/personnes/{story.person_id}/").content.decode()
    wish = {"by_whom": "Mon fils", "words_chosen": "Tout doucement CANARIMOT", "stated_on": str(today())}
    assert client.post(f"{base}souhaits/", wish)["Location"] == base
    death = {"died_on": str(today()), "is_sure": "on"}
    client.post(f"/sejours/personnes/{story.person_id}/deces/", death)
    person = client.get(f"/personnes/{story.person_id}/").content.decode()
    assert "Ses proches, après son décès" in person
    assert "CANARIMOT" in person
    assert "Décès noté par erreur" in person
    assert "Enregistrer un décès" not in person
    page = client.get(base).content.decode()
    assert "CANARIMOT" in page
    assert "06 00 00 00 02" in page
    news = after_death.contact(story.daughter)
    refused = client.post(
        f"{base}contacts/{news.id}/",
        {"version": news.version, "outcome": "done", "happened_on": str(today()), "by_whom": ""},
    )
    assert "Indiquez qui lui a parlé" in refused.content.decode()
    moved = {"version": news.version, "due_on": str(today() + timedelta(days=1))}
    assert client.post(f"{base}contacts/{news.id}/report/", moved).status_code == 302
    planned = {"due_on": str(today() + timedelta(days=20))}
    assert client.post(f"{base}proches/{story.neighbour}/", planned).status_code == 302
    assert client.post(f"{base}proches/{story.neighbour}/arret/", {}).status_code == 302
    assert {state for _, state in story.states(story.neighbour)} == {"not_wished"}
    mistake = {"reason": "mistyped", "is_sure": "on"}
    assert client.post(f"/sejours/personnes/{story.person_id}/deces/erreur/", mistake).status_code == 302
    assert Person.objects.get(pk=story.person_id).died_on is None
