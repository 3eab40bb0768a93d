"""One person of one hospital with something of everything: what those outside her circle must never see."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from accounts.access.circle import enter
from accounts.access.records import OpenMembership
from accounts.access.states import Basis
from accounts.break_glass.models import EmergencyAccessNotice
from accounts.kernel.actor import Actor, Role
from accounts.kernel.clock import now, today
from accounts.organisations.models import Organisation
from accounts.people.records import Contact, Traits
from accounts.people.states import IdentityStatus, Sex
from accounts.rights.commands import request_access
from accounts.rights.records import RequestAccess
from accounts.trails.commands import hand_access_list
from accounts.trails.records import AskedBy, HandAccessList
from pathway.cases.queries import open_case_ids
from pathway.opinions.commands import ask_opinion
from pathway.rapid_response.commands import call_rapid_response
from pathway.referrals.commands import choose_recipients, create_draft, send_with_consent
from pathway.referrals.records import ChooseRecipients
from pathway.stays.commands import open_stay
from pathway.stays.records import OpenStay
from pathway.structures.models import CareOffer
from pathway.structures.states import OfferKind
from ppa.directives.records import Wish
from ppa.directives.states import LIFE_SUPPORT, RESUSCITATION, Decision, Model
from ppa.emergency_sheets.models import SheetVersion
from ppa.entrusted_actions.commands import entrust_action
from ppa.plans.commands import record_conversation
from ppa.plans.models import Goal, Need, Plan, PlannedAction
from ppa.plans.records import RecordConversation
from tests.factories import (
    admission_talks,
    after_death,
    alerts,
    announcements,
    assessments,
    collegial_decisions,
    contradictions,
    crises,
    directives,
    emergencies,
    emergency_sheets,
    entrusted_actions,
    identities,
    opinions,
    people,
    plans,
    referrals,
    trusted_persons,
)
from tests.support.kept import once
from tests.support.past import shown_at_its_end

USUAL_NAME, STREET, CITY_PHONE, RELATIVE = "Canarilien", "7 impasse Canaripré", "+33380771331", "CANARIPROCHE"
RELATIVE_PHONE, NEED, CALL = "+33639981332", "Dormir CANARISOUHAIT", "CANARIAPPEL"
WISH = "Je veux rester chez moi CANARICONFIDENCE"
OTHER_STRUCTURE, HOME_STRUCTURE = "USP Canaridestin (fictif)", "SSIAD Canarisoir (fictif)"
ILLNESS = "Maladie de Canaripic"


@dataclass(frozen=True)
class Story:
    """A person, who cares for her, the request sent for her to two structures, and every id by its name in addresses."""

    person_id: UUID
    birth_name: str
    ins: str
    physician: Actor
    asked: referrals.Asked
    ids: dict[str, object]

    @property
    def own(self) -> tuple[str, ...]:
        """What only the circle reads: relatives, contacts, number, wishes, plan, announcement, the other structures."""
        phones = [shown for phone in (CITY_PHONE, RELATIVE_PHONE) for shown in (phone, _spaced(phone))]
        return (
            self.ins, "Canaripré", RELATIVE, *phones, "CANARISOUHAIT", "CANARICONFIDENCE", CALL,
            "Canaripic"
        )  # fmt: skip

    @property
    def everything(self) -> tuple[str, ...]:
        """What tells of her to anybody at all."""
        return (*self.own, self.birth_name, USUAL_NAME, referrals.SECRET)


@once
def told() -> Story:
    """Return a person with a file, a plan, directives, a trusted person, an announcement, a request, a stay and an alert."""
    hospital = people.organisation("Hôpital Canarisource (fictif)")
    physician, nurse = people.actor(Role.PHYSICIAN, hospital), people.actor(Role.NURSE, hospital)
    coordinator = people.actor(Role.COORDINATOR, people.coordination())
    birth_name, number = "CANARICOUVERT", people.ins()
    person_id = people.person(
        nurse,
        traits=Traits(
            birth_name=birth_name,
            birth_given_names=("Philomène",),
            birth_date=date(1955, 3, 12),
            sex=Sex.FEMALE,
            birthplace="21231",
        ),
        ins=number,
        usual_name=USUAL_NAME,
        contact=Contact(phones=(CITY_PHONE,), street=STREET, postal_code="21000", city="Dijon", commune="21231"),
    )
    assert coordinator.organisation_id is not None
    enter(OpenMembership(person_id=person_id, organisation_id=coordinator.organisation_id, basis=Basis.COORDINATION))
    relative_id = people.relative(person_id, nurse, family=RELATIVE, contact=Contact(phones=(RELATIVE_PHONE,)))
    at_odds = (
        Wish(code=RESUSCITATION, decision=Decision.DENY, note=WISH),
        Wish(code=LIFE_SUPPORT, decision=Decision.PERMIT),
    )
    directive_id = directives.directive(
        person_id,
        physician,
        text=WISH,
        model=Model.A,
        sections={"situations": WISH},
        witness_reason=WISH,
        wishes=at_odds,
    )
    directives.deposit(directive_id, physician, where=WISH)
    designation_id = trusted_persons.designation(person_id, relative_id, nurse)
    after_death.wish(person_id, nurse, words=WISH)
    crisis = crises.foreseen(person_id, physician, response=WISH)
    plan = _signed_plan(plans.Team(person_id, coordinator, physician, nurse))
    sheet_id = _signed_sheet(person_id, physician)
    proposal = announcements.proposed(person_id, physician, diagnosis_label=ILLNESS)
    asked = _asked(person_id, physician)
    return Story(
        person_id=person_id,
        birth_name=birth_name,
        ins=number.value,
        physician=physician,
        asked=asked,
        ids={
            "person_id": person_id,
            "directive_id": directive_id,
            "document_id": directives.file_of(directive_id),
            "designation_id": designation_id,
            "announcement_id": proposal.announcement_ids[0],
            "proposal_id": proposal.id,
            "assessment_id": assessments.assessment(person_id, nurse, note=WISH),
            "crisis_id": crisis.id,
            "sheet_version_id": SheetVersion.objects.get(sheet=sheet_id).id,
            "holder_id": emergency_sheets.holder(person_id, physician, name=WISH),
            "prescription_id": crisis.prescriptions[0].id,
            "settlement_id": contradictions.settlement(person_id, physician, note=WISH),
            "decision_id": collegial_decisions.decision(person_id, physician, about=WISH),
            "relative_id": relative_id,
            "contact_id": after_death.foreseen(person_id, relative_id),
            "need_id": Need.objects.get(plan=plan).id,
            "goal_id": Goal.objects.get(need__plan=plan).id,
            "action_id": PlannedAction.objects.get(goal__need__plan=plan).id,
            "case_id": open_case_ids(person_id)[0],
            "request_id": asked.request_id,
            "line_id": asked.line(1).id,
            "stay_id": _stay(person_id, hospital, physician),
            "alert_id": _alert(person_id, physician),
            "entrusted_id": _entrusted(plan, asked, physician),
            "opinion_id": _opinion(person_id, asked, physician),
            "handed_id": hand_access_list(_asked_by_her(person_id), by=physician).id,
            "export_id": _copy_asked(person_id, coordinator),
            "target_id": proposal.announcement_ids[0],
            **_other_records(person_id, nurse, hospital),
            **_emergency(person_id),
        },
    )


def _other_records(person_id: UUID, nurse: Actor, hospital: Organisation) -> dict[str, object]:
    """A second record of hers, merged into this one."""
    officer = people.identity_officer(Role.PHYSICIAN, hospital)
    second = people.person(nurse, status=IdentityStatus.PROVISIONAL, ins=None)
    merge = identities.merged(identities.Pair(hospital, officer, nurse, person_id, second))
    return {"merge_id": merge.id, "other_id": second}


def _copy_asked(person_id: UUID, coordinator: Actor) -> UUID:
    return request_access(
        RequestAccess(person_id=person_id, asked_on=today(), paper=directives.scan()), by=coordinator
    ).id


@shown_at_its_end()
def _signed_plan(team: plans.Team) -> Plan:
    row = plans.plan(team)
    plans.write(row, team, WISH)
    plans.need(row, team, NEED)
    row = plans.present(row)
    plans.share_plan(plans.SharePlan(plan_id=row.id, version=row.version), by=team.coordinator)
    row = plans.present(row)
    plans.record_agreement(plans.agreement(row), by=team.coordinator)
    row = plans.present(row)
    plans.sign_version(plans.SignVersion(plan_id=row.id, version=row.version), by=team.physician)
    talk = RecordConversation(plan_id=row.id, held_on=today(), present=RELATIVE, said=WISH)
    record_conversation(talk, by=team.nurse)
    return plans.present(row)


@shown_at_its_end()
def _asked(person_id: UUID, sender: Actor) -> referrals.Asked:
    structures = referrals.structure(), referrals.structure(name=OTHER_STRUCTURE)
    request_id = create_draft(referrals.draft_record(person_id), by=sender).id
    ids = frozenset(one.offer.id for one in structures)
    choose_recipients(ChooseRecipients(request_id=request_id, version=1, offer_ids=ids), by=sender)
    asked = referrals.Asked(sender=sender, person_id=person_id, request_id=request_id, structures=structures)
    send_with_consent(referrals.send_record(asked), by=sender)
    return asked


@shown_at_its_end()
def _signed_sheet(person_id: UUID, physician: Actor) -> UUID:
    return emergency_sheets.signed(person_id, physician, conduct=WISH, comments=WISH)


def _stay(person_id: UUID, hospital: Organisation, physician: Actor) -> UUID:
    offer = CareOffer.objects.create(
        organisation=hospital, code="ssiad", kind=OfferKind.HOME_NURSING, name=HOME_STRUCTURE
    )
    stay_id = open_stay(OpenStay(person_id=person_id, offer_id=offer.id, admitted_at=now()), by=physician).id
    admission_talks.talk(stay_id, physician, note=WISH)
    return stay_id


def _emergency(person_id: UUID) -> dict[str, object]:
    access_id = emergencies.opened(person_id, emergencies.dispatcher())
    return {"access_id": access_id, "notice_id": EmergencyAccessNotice.objects.get(break_glass=access_id).id}


def _opinion(person_id: UUID, asked: referrals.Asked, physician: Actor) -> UUID:
    to = opinions.expert(asked.structures[1].organisation)
    return ask_opinion(opinions.question(open_case_ids(person_id)[0], to, question=WISH), by=physician).id


def _entrusted(plan: Plan, asked: referrals.Asked, physician: Actor) -> UUID:
    action_id = PlannedAction.objects.get(goal__need__plan=plan).id
    to = asked.structures[1].organisation
    return entrust_action(entrusted_actions.input_for(action_id, to, message=WISH), by=physician).id


def _asked_by_her(person_id: UUID) -> HandAccessList:
    return HandAccessList(person_id=person_id, asked_by=AskedBy.PERSON, asked_on=today())


def _alert(person_id: UUID, physician: Actor) -> UUID:
    return call_rapid_response(alerts.call(person_id, alerts.rapid_team(), reason=CALL), by=physician).id


def _spaced(phone: str) -> str:
    digits = f"0{phone.removeprefix('+33')}"
    return " ".join(digits[start : start + 2] for start in range(0, len(digits), 2))
