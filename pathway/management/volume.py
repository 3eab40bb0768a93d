"""A volume of invented people with their whole paths, written through the real commands by the staff of the demo territory.

What a person's path holds follows from her number, so that every state occurs; its details from dice with a seed.
Dates lie in the past wherever a command takes a date: announcements, answers, stays, deaths, over eighteen months.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from accounts.access.commands import agree_and_add
from accounts.access.records import Receipt, RecordSharingConsent
from accounts.access.states import Category, ConsentMeans
from accounts.access.unit import ANY_VERSION, Unit, run_together
from accounts.kernel.actor import Channel, system_actor
from accounts.kernel.clock import instant_of, today
from accounts.people.commands import record_relative, register_person
from accounts.people.queries import person_by_own_number
from accounts.people.records import RecordRelative
from accounts.people.states import RelativeRole, Sex
from pathway.cases import commands as cases
from pathway.cases.queries import open_case_ids
from pathway.cases.records import (
    AssignCase,
    CloseCase,
    DeclineCase,
    HandOverCase,
    IncludeCase,
    PlanNextAction,
    RecordLevel,
    StartCase,
)
from pathway.cases.states import ClosingReason
from pathway.management.cast import Area, Hospital, Member, Place
from pathway.management.invented import (
    ILLNESSES,
    IPP_SYSTEM,
    contact,
    dice_of,
    family_name,
    given_name,
    ipp_of,
    registration,
)
from pathway.rapid_response import commands as alerts
from pathway.rapid_response.records import (
    CallRapidResponse,
    CancelAlert,
    CloseAlert,
    DeclineAlert,
    FollowAlert,
    RaiseAlert,
)
from pathway.rapid_response.states import AlertAction, CloseReason
from pathway.rapid_response.states import DeclineReason as AlertDecline
from pathway.referrals import commands as requests
from pathway.referrals.queries import line_snapshot, open_line_ids
from pathway.referrals.records import (
    ChooseRecipients,
    CreateDraft,
    DeclineLine,
    Dossier,
    LineStep,
    RevokeRequest,
    SendWithConsent,
    WaitlistLine,
    WithdrawLine,
    WriteOnLine,
)
from pathway.referrals.states import DeclineReason, Destination, Urgency, WithdrawReason
from pathway.stays import commands as stays
from pathway.stays.records import AdmitPerson, Discharge, LeaveStay, OpenStay, ProposePlace, RecordDeath
from pathway.structures.states import OfferKind
from pathway.visits.commands import record_visit
from pathway.visits.records import RecordVisit
from pathway.visits.states import Presence
from ppa.after_death.commands import state_telling_wish
from ppa.after_death.records import StateTellingWish
from ppa.announcements.commands import answer_proposal, propose_plan, record_announcement
from ppa.announcements.records import Answer, AnswerProposal, ProposePlan, RecordAnnouncement
from ppa.announcements.states import Trigger
from ppa.assessments.commands import record_assessment
from ppa.assessments.records import RecordAssessment
from ppa.assessments.states import Respondent
from ppa.crises import commands as crises
from ppa.crises.records import CheckHome, DescribeCrisis, Order, PrescribeAhead, Told
from ppa.crises.states import SYMPTOM_LABELS, DoseUnit, Found, Giver, Route, Symptom
from ppa.directives.commands import record_directive, revoke_directive
from ppa.directives.records import Holder, RecordDirective, RevokeDirective, Wish
from ppa.directives.states import RESUSCITATION, Decision, Medium, RevocationMeans
from ppa.emergency_sheets import commands as sheets
from ppa.emergency_sheets.records import NoteHolder, SignSheet, WriteSheet, Written
from ppa.emergency_sheets.snapshots import draft_snapshot
from ppa.emergency_sheets.states import HolderKind, Measure, Phase, Sedation, Stance, Transfer
from ppa.emergency_sheets.states import Means as SentBy
from ppa.entrusted_actions.commands import answer_entrusted, entrust_action
from ppa.entrusted_actions.records import AnswerEntrusted, EntrustAction
from ppa.entrusted_actions.states import EntrustedMove
from ppa.plans import commands as plans
from ppa.plans.models import PlannedAction
from ppa.plans.records import (
    AddNeed,
    FirstAction,
    HandOut,
    OpenPlan,
    RecordAgreement,
    RecordConversation,
    RecordDeposit,
    RecordPlace,
    RefusePublication,
    RevisePlan,
    SetReview,
    SetTopicPace,
    SharePlan,
    SignVersion,
    StartNeed,
    WriteTopic,
)
from ppa.plans.states import AgreementMeans, Pace, PlaceMoment, Words
from ppa.plans.states import Place as WishedPlace
from ppa.trusted_persons import commands as trusted
from ppa.trusted_persons.records import AnswerProposal as AnswerTrusted
from ppa.trusted_persons.records import (
    DesignateTrustedPerson,
    EndDesignation,
    ProposeTrustedPerson,
    Signatures,
)
from ppa.trusted_persons.states import Action as DesignationAction
from ppa.trusted_persons.states import EndMeans

LONGEST_AGO, SHORTEST_AGO = 540, 30
CASES: Final = (
    "active", "signalled", "active", "assigned", "active", "closed", "active", "included", "active", "handed_over",
    "active", "declined",
)  # fmt: skip
PLANS: Final = ("drafting", "none", "shared", "drafting", "agreed", "none", "drafting")
REQUESTS: Final = (
    "none", "admitted", "sent", "offered", "history", "none", "study", "draft", "agreed", "leave", "revoked",
)  # fmt: skip
ALERTS: Final = ("called", "answered", "arrived", "closed", "declined", "cancelled")
SIGNED_EVERY = 14
"""One plan in so many is signed: its paper is the dearest thing a path may hold."""
AFTER_SIGNING: Final = ("nothing", "deposited", "not_deposited", "revised")
KINDS: Final = (OfferKind.LISP, OfferKind.LISP, OfferKind.HOME_HOSPITAL, OfferKind.EMSP, OfferKind.CARE_HOME)
NEXT_ACTIONS: Final = (
    "Appeler la fille de la personne", "Organiser une visite à domicile", "Relancer le médecin traitant",
    "Préparer le retour à domicile", "Revoir le plan avec la personne", "Demander un passage infirmier le soir",
)  # fmt: skip
CRISES: Final = (
    (Symptom.PAIN, "Elle serre les dents, elle ne parle plus.", "Donner la dose prévue, rester près d’elle.",
     "Morphine, ampoule de 10 mg/1 mL", DoseUnit.MILLIGRAM, "5"),
    (Symptom.ANXIETY, "Elle s’agite, elle a peur.", "S’asseoir près d’elle, puis donner la dose prévue.",
     "Midazolam, ampoule de 5 mg/5 mL", DoseUnit.MILLIGRAM, "2.5"),
    (Symptom.SECRETIONS, "La respiration devient bruyante.", "L’installer sur le côté, puis donner la dose prévue.",
     "Scopolamine, ampoule de 0,5 mg/2 mL", DoseUnit.MILLIGRAM, "0.5"),
)  # fmt: skip
TALKS: Final = (
    "« Je veux rester chez moi tant que c’est possible. »",
    "« Je n’ai pas peur de mourir, j’ai peur d’avoir mal. »",
    "Elle préfère ne pas parler de la suite aujourd’hui.",
)
PLACES: Final = ("Réfrigérateur de la cuisine", "Armoire de la chambre", "Boîte bleue de l’entrée")
DESIGNATIONS: Final = ("signed", "revoked", "none", "unsigned", "proposed", "none", "later")
DIRECTIVES: Final = ("signed", "undated", "replaced", "revoked", "signed")
STUDIES: Final = ("opened", "asked", "told", "reviewed", "listed")
HOMEWARD: Final = (Destination.HOME_WITH_HAD, Destination.HOME_WITHOUT_HAD, Destination.CARE_HOME)
_ON_SITE = (AlertAction.ANSWER, AlertAction.DEPART, AlertAction.ARRIVE)
INTERVENTIONS: Final = {
    "called": (), "answered": (AlertAction.ANSWER,), "arrived": _ON_SITE, "closed": (*_ON_SITE, AlertAction.STABILISE),
}  # fmt: skip
DEATH_EVERY: Final = 9
SCALES: Final = (
    (
        "pallia-10",
        42,
        Respondent.PROFESSIONAL,
        {f"q{number}": int(number in (1, 2, 5, 6, 10)) for number in range(1, 11)},
    ),
    ("ecog", 42, Respondent.PROFESSIONAL, {"level": 2}),
    ("ecog", 7, Respondent.PROFESSIONAL, {"level": 3}),
    ("esas", 28, Respondent.PERSON, {"pain": 8, "tiredness": 6, "anxiety": 5, "breath": 2}),
    ("esas", 21, Respondent.PERSON, {"pain": 6, "tiredness": 6, "anxiety": 5, "breath": 2}),
    ("esas", 14, Respondent.PERSON, {"pain": 5, "tiredness": 7, "anxiety": 4, "breath": 3}),
    ("esas", 7, Respondent.RELATIVE, {"pain": 3, "tiredness": 7, "anxiety": 4, "breath": 3}),
    ("zarit-short", 10, Respondent.RELATIVE, {f"q{number}": 1 for number in range(1, 8)}),
)
"""Scales of a person with a signed plan: which, how many days ago, who answered, what. Invented."""
DOSSIER: Final = Dossier(
    reason="Douleur mal soulagée au domicile",
    question="Accueil pour équilibrer le traitement",
    place_now="Au domicile",
    diagnosis="Maladie évoluée, symptômes fluctuants",
    callback="06 39 98 00 02",
)
TOPICS: Final = {
    "what_matters": ("Rester chez moi, avec le chat.", "Voir mes petits-enfants le dimanche.", "Ne pas avoir mal."),
    "circumstances": ("La personne a demandé à faire le point après l’annonce.", "Proposé par le service."),
    "review": ("Dans trois mois, ou plus tôt si la situation change.", "À la prochaine hospitalisation."),
}
NEEDS: Final = (
    ("Dormir sans avoir mal", "Passer une nuit entière", "Passage infirmier du soir"),
    ("Continuer à sortir", "Aller au marché le samedi", "Fauteuil roulant de prêt"),
    ("Soulager sa compagne", "Deux après-midi de répit par semaine", "Aide à domicile"),
)


def tell(numbers: Sequence[int], *, seed: int, areas: Sequence[Area]) -> Iterator[bool]:
    """Write the path of each number, in order; yield for each whether it was new."""
    for number in numbers:
        area = areas[number % len(areas)]
        hospital = area.hospitals[number // len(areas) % len(area.hospitals)]
        known = person_by_own_number(IPP_SYSTEM, ipp_of(number, seed=seed), organisation_id=hospital.id)
        if known is None:
            Path(number, seed=seed, area=area, hospital=hospital).walk()
        yield known is None


@dataclass(frozen=True, slots=True)
class Line:
    """One structure asked, with who answers for it."""

    id: UUID
    place: Place

    @property
    def manager(self) -> Member:
        """Who answers."""
        return self.place.manager

    def step(self) -> LineStep:
        """Return the input of a plain step."""
        return LineStep(line_id=self.id, version=ANY_VERSION)


class Path:
    """What happens to one person. Two transactions: the announcement, which opens her file, then all the rest."""

    def __init__(self, number: int, *, seed: int, area: Area, hospital: Hospital) -> None:
        self.number, self.seed, self.area = number, seed, area
        self.dice = dice_of(number, seed=seed, use="path")
        self.physician, self.nurse = hospital.physician, hospital.nurse
        self.coordinator, self.colleague = _two(area.coordinators, number)
        self.announced_on = today() - timedelta(days=self.dice.randint(SHORTEST_AGO, LONGEST_AGO))
        self.stage = CASES[number % len(CASES)]
        self.person_id: UUID
        self._unit: Unit

    def walk(self) -> None:
        """Write all of it."""
        self._together(self._begin)
        self._together(self._go_on)

    @property
    def age(self) -> int:
        """How many days ago the announcement was made."""
        return (today() - self.announced_on).days

    def _together(self, work: Callable[[], None]) -> None:
        def run(unit: Unit) -> dict[str, Any]:
            self._unit = unit
            work()
            return {}

        by = system_actor("seed_volume", channel=Channel.CONSOLE)
        run_together(run, by=by, fingerprint=f"volume|{self.seed}|{self.number}")

    def _do(self, command: Any, record: Any, by: Member) -> Receipt:
        return self._unit(command, record, by=by.at_work())

    def _day(self, least: int = 0, most: int = LONGEST_AGO) -> date:
        """Return a day between `least` and `most` days after the announcement, never after today."""
        days = (today() - self.announced_on).days
        return self.announced_on + timedelta(days=min(days, self.dice.randint(least, max(least, min(days, most)))))

    def _begin(self) -> None:
        record = registration(self.number, seed=self.seed, departement=self.area.departement, today=today())
        self.person_id = self._do(register_person, record, self.nurse).id
        illness = self.dice.choice(ILLNESSES)
        announcement = RecordAnnouncement(
            person_id=self.person_id,
            trigger=self.dice.choice(list(Trigger)),
            announced_on=self.announced_on,
            diagnosis_code=illness.code,
            diagnosis_label=illness.label,
            present="Sa fille",
            wishes_to_know="Ce qui va se passer, étape par étape",
        )
        announced = self._do(record_announcement, announcement, self.physician)
        self.proposed_on = self._day(most=5)
        proposal = ProposePlan(announcement_id=announced.id, proposed_on=self.proposed_on)
        self.proposal_id = self._do(propose_plan, proposal, self.physician).id

    def _go_on(self) -> None:
        accepted = self._answer()
        self._case()
        if accepted:
            self._plan()
            self._volunteer()
        self._relatives()
        self._directives()
        if accepted and self.has_signed_plan:
            self._sheet()
            self._assess()
        if self.dies:
            self._say_how_to_tell()
        self._request()
        self._alert()
        self._end()

    def _answer(self) -> bool:
        turn = self.number // len(CASES) % 3
        if self.stage == "signalled" and turn == 0:
            return False
        given = Answer.ACCEPTED
        if self.stage in ("signalled", "declined"):
            given = Answer.DEFERRED if turn == 1 else Answer.DECLINED
        answered_on = max(self._day(most=30), self.proposed_on)
        record = AnswerProposal(
            proposal_id=self.proposal_id,
            version=ANY_VERSION,
            answer=given,
            answered_on=answered_on,
            come_back_on=answered_on + timedelta(days=60) if given == Answer.DEFERRED else None,
        )
        self._do(answer_proposal, record, self.coordinator)
        return given == Answer.ACCEPTED

    def _case(self) -> None:
        case_id = open_case_ids(self.person_id)[0]
        if self.stage == "signalled":
            return
        if self.stage == "declined":
            reason = "L’équipe habituelle répond déjà aux besoins ; le médecin traitant est prévenu."
            self._do(
                cases.decline_case, DeclineCase(case_id=case_id, version=ANY_VERSION, reason=reason), self.coordinator
            )
            return
        self._do(cases.include_case, IncludeCase(case_id=case_id, version=ANY_VERSION), self.coordinator)
        if self.stage == "included":
            return
        chosen = AssignCase(case_id=case_id, version=ANY_VERSION, coordinator_id=self.coordinator.professional_id)
        self._do(cases.assign_case, chosen, self.coordinator)
        if self.stage == "assigned":
            return
        self._do(cases.start_case, StartCase(case_id=case_id, version=ANY_VERSION), self.coordinator)
        self._follow(case_id)
        if self.stage == "handed_over":
            record = HandOverCase(
                case_id=case_id,
                version=ANY_VERSION,
                coordinator_id=self.colleague.professional_id,
                note="Relais de congés.",
            )
            self._do(cases.hand_over_case, record, self.coordinator)

    def _follow(self, case_id: UUID) -> None:
        level = RecordLevel(
            case_id=case_id,
            version=ANY_VERSION,
            level=self.dice.choice((1, 2, 2, 3)),
            reason="Symptômes et situation au domicile",
            assessed_on=self._day(),
        )
        self._do(cases.record_level, level, self.coordinator)
        if self.dice.randrange(5):
            due_on = today() + timedelta(days=self.dice.randint(-5, 21))
            action = PlanNextAction(
                case_id=case_id, version=ANY_VERSION, action=self.dice.choice(NEXT_ACTIONS), due_on=max(due_on, today())
            )
            self._do(cases.plan_next_action, action, self.coordinator)

    @property
    def has_signed_plan(self) -> bool:
        """Whether the plan of this person is one of those that are signed, with an emergency sheet beside it."""
        return self.number % SIGNED_EVERY == SIGNED_EVERY // 6 and self.stage != "included"

    @property
    def dies(self) -> bool:
        """Whether the death of this person is recorded."""
        return self.number % DEATH_EVERY == DEATH_EVERY // 2

    def _assess(self) -> None:
        """Note the scales of a few weeks, so that a course is there to be seen."""
        for scale, days_ago, respondent, answers in SCALES:
            record = RecordAssessment(
                person_id=self.person_id,
                scale=scale,
                assessed_on=today() - timedelta(days=days_ago),
                respondent=respondent,
                answers={code: Decimal(value) for code, value in answers.items()},
            )
            self._do(record_assessment, record, self.nurse)

    def _say_how_to_tell(self) -> None:
        record = StateTellingWish(
            person_id=self.person_id,
            by_whom="Ma fille",
            words="De vive voix, sans attendre, le matin si c’est la nuit",
            not_so="Pas de message écrit",
            stated_on=today(),
        )
        self._do(state_telling_wish, record, self.nurse)

    def _sheet(self) -> None:
        symptom, signs, response, *_ = self.dice.choice(CRISES)
        written = Written(
            phase=self.dice.choice(list(Phase)),
            illness=self.dice.choice(ILLNESSES).label,
            symptoms=f"{SYMPTOM_LABELS[symptom]} : {signs}",
            goals="Confort, rester à la maison",
            conduct=f"{response} Appeler l’infirmière, puis l’équipe mobile.",
            measures={Measure.CPR: Stance.REFUSED, Measure.INTUBATION: Stance.UNADVISED},
            sedation=Sedation.ACCEPTED,
            transfer=Transfer.AVOID,
            call="Infirmière, équipe mobile, puis le 15",
        )
        record = WriteSheet(person_id=self.person_id, version=None, written=written)
        sheet_id = self._do(sheets.write_sheet, record, self.physician).id
        digest = draft_snapshot(self.person_id).digest
        self._do(sheets.sign_sheet, SignSheet(sheet_id=sheet_id, version=ANY_VERSION, digest=digest), self.physician)
        samu = NoteHolder(
            sheet_id=sheet_id,
            version=ANY_VERSION,
            kind=HolderKind.SAMU,
            name="",
            departement=self.area.departement,
            means=SentBy.SECURE_MAIL,
            who=self.physician.name,
            done_on=today(),
        )
        self._do(sheets.note_holder, samu, self.nurse)

    def _plan(self) -> None:
        signed = self.has_signed_plan
        stage = "signed" if signed else PLANS[self.number % len(PLANS)]
        if stage == "none" or self.stage == "included":
            return
        plan_id = self._do(plans.open_plan, OpenPlan(person_id=self.person_id), self.coordinator).id
        self._write(plan_id)
        if stage == "drafting":
            return
        self._foresee()
        self._do(plans.share_plan, SharePlan(plan_id=plan_id, version=ANY_VERSION), self.coordinator)
        if stage == "shared":
            return
        agreement = RecordAgreement(
            plan_id=plan_id, version=ANY_VERSION, given_on=self._day(least=10), means=AgreementMeans.SIGNATURE
        )
        self._do(plans.record_agreement, agreement, self.nurse)
        if not signed:
            return
        self._do(plans.sign_version, SignVersion(plan_id=plan_id, version=ANY_VERSION), self.physician)
        self._entrust(plan_id)
        self._circulate(plan_id, AFTER_SIGNING[self.number // SIGNED_EVERY % len(AFTER_SIGNING)])

    def _entrust(self, plan_id: UUID) -> None:
        """Give the action of the plan to the team that cares for her, which takes it once in two."""
        action = PlannedAction.objects.filter(goal__need__plan=plan_id).earliest("created_at")
        to = self.nurse.organisation_id
        record = EntrustAction(action_id=action.id, organisation_id=to, what=action.what, due_on=action.due_on)
        entrusted = self._do(entrust_action, record, self.coordinator)
        if self.number // SIGNED_EVERY % 2:
            answer = AnswerEntrusted(entrusted_id=entrusted.id, version=entrusted.version, answer=EntrustedMove.TAKE)
            self._do(answer_entrusted, answer, self.nurse)

    def _circulate(self, plan_id: UUID, what: str) -> None:
        by = self.coordinator
        paper = HandOut(plan_id=plan_id, version=ANY_VERSION, holder="Enveloppe au domicile", given_on=today())
        self._do(plans.hand_out, paper, by)
        review_on = today() + timedelta(days=self.dice.randint(0, 90))
        self._do(plans.set_review, SetReview(plan_id=plan_id, version=ANY_VERSION, review_on=review_on), by)
        if what == "deposited":
            deposit = RecordDeposit(
                plan_id=plan_id, version=ANY_VERSION, place="Mon espace santé", who=by.name, done_on=today()
            )
            self._do(plans.record_deposit, deposit, by)
        elif what == "not_deposited":
            refusal = RefusePublication(plan_id=plan_id, version=ANY_VERSION, told_on=today())
            self._do(plans.refuse_publication, refusal, by)
        elif what == "revised":
            self._do(plans.revise_plan, RevisePlan(plan_id=plan_id, version=ANY_VERSION), by)

    def _write(self, plan_id: UUID) -> None:
        for code, texts in TOPICS.items():
            record = WriteTopic(plan_id=plan_id, code=code, text=self.dice.choice(texts), version=0)
            self._do(plans.write_topic.at(code), record, self.coordinator)
        pace = SetTopicPace(
            plan_id=plan_id, code="crises", pace=self.dice.choice([Pace.OPEN, Pace.NOT_NOW]), offered_on=self._day()
        )
        self._do(plans.set_topic_pace.at("crises"), pace, self.physician)
        place = RecordPlace(
            plan_id=plan_id,
            moment=PlaceMoment.CARE,
            place=self.dice.choice(
                [WishedPlace.HOME, WishedPlace.HOME, WishedPlace.PALLIATIVE_UNIT, WishedPlace.UNDECIDED]
            ),
            told_on=self._day(),
        )
        self._do(plans.record_place, place, self.coordinator)
        talk = RecordConversation(
            plan_id=plan_id,
            held_on=self._day(),
            present=self.dice.choice(("La personne", "La personne et sa fille", "La personne et son mari")),
            said=self.dice.choice(TALKS),
        )
        self._do(plans.record_conversation, talk, self.nurse)
        text, goal, what = self.dice.choice(NEEDS)
        need = StartNeed(
            need=AddNeed(plan_id=plan_id, text=text, topic="what_matters"),
            goal=goal,
            words=Words.PERSON,
            action=FirstAction(
                what=what, who="SSIAD (fictif)", due_on=today() + timedelta(days=self.dice.randint(1, 30))
            ),
        )
        self._do(plans.start_need, need, self.coordinator)

    def _volunteer(self) -> None:
        if self.number % 4 or not self.area.volunteers:
            return
        volunteer = self.area.volunteers[self.number // 4 % len(self.area.volunteers)]
        agreed = RecordSharingConsent(
            person_id=self.person_id,
            organisation_ids=frozenset({volunteer.organisation_id}),
            given_on=today(),
            means=ConsentMeans.SPOKEN,
            categories=frozenset({Category.WHAT_MATTERS}),
        )
        self._do(agree_and_add, agreed, self.nurse)
        visit = RecordVisit(
            person_id=self.person_id,
            visited_on=today(),
            presence=Presence.MET,
            note="Elle a aimé qu’on lui lise le journal.",
            says_nothing_of_health=True,
        )
        self._do(record_visit, visit, volunteer)

    def _foresee(self) -> None:
        if self.number % 3:
            return
        symptom, signs, response, drug, unit, dose = self.dice.choice(CRISES)
        told = Told(symptom=symptom, signs=signs, response=response, call="Infirmière, puis le 15")
        crisis = self._do(crises.describe_crisis, DescribeCrisis(person_id=self.person_id, told=told), self.physician)
        order = Order(
            drug=drug,
            dose=Decimal(dose),
            unit=unit,
            route=Route.SUBCUTANEOUS,
            interval_hours=Decimal(4),
            max_24h=Decimal(dose) * 6,
            givers=frozenset({Giver.NURSE, Giver.PHYSICIAN}),
            starts_on=today(),
            review_by=today() + timedelta(days=self.dice.randint(1, 60)),
            place=self.dice.choice(PLACES),
        )
        drug_id = self._do(crises.prescribe_ahead, PrescribeAhead(crisis_id=crisis.id, order=order), self.physician).id
        if self.dice.randrange(3):
            found = self.dice.choice([Found.PRESENT, Found.PRESENT, Found.PARTIAL, Found.ABSENT])
            look = CheckHome(prescription_id=drug_id, checked_on=self._day(most=20), found=found)
            self._do(crises.check_drugs_at_home, look, self.nurse)

    def _relatives(self) -> None:
        if not (self.number + 1) % 4:
            return
        sex, relation = self.dice.choice(((Sex.FEMALE, "DAUC"), (Sex.MALE, "SONC"), (Sex.FEMALE, "SIS")))
        relative = RecordRelative(
            person_id=self.person_id,
            family=family_name(self.dice),
            given=given_name(self.dice, sex),
            relation=relation,
            birth_date=date(1990, 1, 1) - timedelta(days=self.dice.randint(0, 9000)),
            roles=frozenset({RelativeRole.CONTACT}),
            contact=contact(self.dice, self.area.departement),
        )
        self._trusted(self._do(record_relative, relative, self.nurse).id)

    def _trusted(self, relative_id: UUID) -> None:
        turn = DESIGNATIONS[self.number % len(DESIGNATIONS)]
        if turn == "none":
            return
        if turn in ("proposed", "later"):
            record = ProposeTrustedPerson(person_id=self.person_id, proposed_on=self._day())
            proposed = self._do(trusted.propose_trusted_person, record, self.nurse)
            if turn == "later":
                answer = AnswerTrusted(
                    designation_id=proposed.id,
                    version=ANY_VERSION,
                    answered_on=today(),
                    come_back_on=today() + timedelta(days=90),
                )
                self._do(trusted.answer_proposal, answer, self.nurse)
            return
        day = self._day(most=200)
        is_signed = turn != "unsigned"
        designation = DesignateTrustedPerson(
            person_id=self.person_id,
            relative_id=relative_id,
            signatures=Signatures(person_signed_on=day, trusted_signed_on=day if is_signed else None),
            awaits_signature=not is_signed,
            knows_wishes=True,
        )
        designated = self._do(trusted.designate_trusted_person, designation, self.nurse)
        if turn == "revoked":
            end = EndDesignation(
                designation_id=designated.id,
                version=ANY_VERSION,
                action=DesignationAction.REVOKE,
                ended_on=today(),
                means=EndMeans.WRITTEN,
                received_by=self.nurse.name,
            )
            self._do(trusted.end_designation, end, self.nurse)

    def _directives(self) -> None:
        if self.number % 3:
            return
        turn = DIRECTIVES[self.number // 3 % len(DIRECTIVES)]
        signed_on = None if turn == "undated" else self.announced_on - timedelta(days=self.dice.randint(10, 900))
        first = self._directive(signed_on)
        if turn == "replaced":
            self._directive(self._day())
        elif turn == "revoked":
            record = RevokeDirective(
                directive_id=first.id,
                version=ANY_VERSION,
                revoked_on=today(),
                means=RevocationMeans.WRITTEN,
                received_by=self.nurse.name,
            )
            self._do(revoke_directive, record, self.nurse)

    def _directive(self, signed_on: date | None) -> Receipt:
        record = RecordDirective(
            person_id=self.person_id,
            medium=Medium.DIGITAL,
            signed_on=signed_on,
            is_undated=signed_on is None,
            has_signature=True,
            wishes=(Wish(code=RESUSCITATION, decision=self.dice.choice([Decision.DENY, Decision.PERMIT])),),
            text="Je souhaite rester chez moi aussi longtemps que possible.",
            holder=Holder(name="Mon dossier à la maison"),
            shared_with_coordination=self.dice.choice((True, False)),
        )
        return self._do(record_directive, record, self.nurse)

    def _request(self) -> None:
        stage = REQUESTS[self.number % len(REQUESTS)]
        if stage == "none":
            return
        kind = OfferKind.EMSP if stage == "offered" else self.dice.choice(KINDS)
        places = self._places(kind)
        draft = CreateDraft(
            person_id=self.person_id,
            kind=kind,
            urgency=self.dice.choice(list(Urgency)),
            level=2,
            dossier=DOSSIER,
        )
        request_id = self._do(requests.create_draft, draft, self.physician).id
        choice = ChooseRecipients(
            request_id=request_id, version=ANY_VERSION, offer_ids=frozenset(place.offer_id for place in places)
        )
        self._do(requests.choose_recipients, choice, self.physician)
        if stage == "draft":
            return
        sending = SendWithConsent(
            request_id=request_id, version=ANY_VERSION, consent_given_on=today(), consent_means=ConsentMeans.SPOKEN
        )
        self._do(requests.send_with_consent, sending, self.physician)
        by_offer = {line_snapshot(line_id).offer_id: line_id for line_id in open_line_ids(request_id)}
        self._answers(stage, [Line(by_offer[place.offer_id], place) for place in places], request_id)

    def _places(self, kind: OfferKind) -> list[Place]:
        """Return three structures to ask, fewer where the département has fewer."""
        known = self.area.places.get(kind) or self.area.places[OfferKind.LISP]
        return self.dice.sample(known, min(3, len(known)))

    def _answers(self, stage: str, lines: list[Line], request_id: UUID) -> None:
        first, others = lines[0], lines[1:]
        if stage == "revoked":
            record = RevokeRequest(request_id=request_id, version=ANY_VERSION, reason=WithdrawReason.IMPROVED)
            self._do(requests.revoke_request, record, self.physician)
            return
        self._do(requests.acknowledge_line, first.step(), first.manager)
        if stage == "sent":
            return
        if stage == "study":
            self._study(first)
            return
        self._do(requests.review_line, first.step(), first.manager)
        if stage == "offered":
            self._offer(first, others)
            return
        self._do(requests.agree_in_principle, first.step(), first.manager)
        for line in others[:1]:
            self._review(line)
            declined = DeclineLine(line_id=line.id, version=ANY_VERSION, reason=self.dice.choice(list(DeclineReason)))
            self._do(requests.decline_line, declined, line.manager)
        if stage != "agreed":
            self._stay(first, stage)
            return
        for line in others[1:]:
            withdrawn = WithdrawLine(line_id=line.id, version=ANY_VERSION, reason=WithdrawReason.PERSON_DISAGREES)
            self._do(requests.withdraw_line, withdrawn, self.physician)

    def _review(self, line: Line) -> None:
        self._do(requests.acknowledge_line, line.step(), line.manager)
        self._do(requests.review_line, line.step(), line.manager)

    def _study(self, line: Line) -> None:
        turn = STUDIES[self.number // len(REQUESTS) % len(STUDIES)]
        if turn in ("asked", "told"):
            ask = WriteOnLine(line_id=line.id, version=ANY_VERSION, text="Pouvez-vous préciser les traitements ?")
            self._do(requests.request_info, ask, line.manager)
        if turn == "told":
            answer = WriteOnLine(line_id=line.id, version=ANY_VERSION, text="L’ordonnance du jour est jointe.")
            self._do(requests.supply_info, answer, self.physician)
        if turn in ("reviewed", "listed"):
            self._do(requests.review_line, line.step(), line.manager)
        if turn == "listed":
            record = WaitlistLine(line_id=line.id, version=ANY_VERSION, rank=self.dice.randint(1, 6))
            self._do(requests.waitlist_line, record, line.manager)

    def _offer(self, first: Line, others: list[Line]) -> None:
        day = today() + timedelta(days=self.dice.randint(1, 10))
        self._do(stays.propose_place, ProposePlace(line_id=first.id, version=ANY_VERSION, on=day), first.manager)
        if others and self.number // len(REQUESTS) % 2:
            other = others[0]
            self._review(other)
            self._do(requests.agree_in_principle, other.step(), other.manager)
            self._admit(other, days_ago=self.dice.randint(0, 3))

    def _stay(self, line: Line, stage: str) -> None:
        if stage != "history":
            stay = self._admit(line, days_ago=self.dice.randint(0, 25))
            if stage == "leave":
                self._do(stays.start_leave, LeaveStay(stay_id=stay.id, version=ANY_VERSION), line.manager)
            return
        first = self.dice.randint(self.age // 2, self.age)
        stay = self._admit(line, days_ago=first)
        self._leave(stay, line, days_ago=max(first - self.dice.randint(3, 21), self.age // 3))
        again = self.dice.randint(self.age // 8, self.age // 4)
        opening = OpenStay(person_id=self.person_id, offer_id=line.place.offer_id, admitted_at=_ago(again))
        stay = self._do(stays.open_stay, opening, line.manager)
        self._leave(stay, line, days_ago=max(again - self.dice.randint(2, 12), 0))

    def _admit(self, line: Line, *, days_ago: int) -> Receipt:
        record = AdmitPerson(line_id=line.id, version=ANY_VERSION, admitted_at=_ago(days_ago))
        return self._do(stays.admit_person, record, line.manager)

    def _leave(self, stay: Receipt, line: Line, *, days_ago: int) -> None:
        record = Discharge(
            stay_id=stay.id,
            version=ANY_VERSION,
            ended_at=_ago(days_ago),
            destination=self.dice.choice(HOMEWARD),
        )
        self._do(stays.discharge, record, line.manager)

    def _alert(self) -> None:
        teams = self.area.places.get(OfferKind.RAPID_RESPONSE)
        if not teams or self.dice.randrange(4):
            return
        team = teams[0]
        call = CallRapidResponse(
            alert=RaiseAlert(
                person_id=self.person_id,
                offer_id=team.offer_id,
                is_palliative=True,
                reason="Douleur non soulagée depuis ce matin",
                callback_phone="06 39 98 00 01",
            ),
            agreed_on=today(),
            agreed_by=ConsentMeans.SPOKEN,
        )
        alert_id = self._do(alerts.call_rapid_response, call, self.physician).id
        stage = self.dice.choice(ALERTS)
        if stage == "cancelled":
            record = CancelAlert(alert_id=alert_id, version=ANY_VERSION, reason="La douleur est soulagée")
            self._do(alerts.cancel_alert, record, self.physician)
        elif stage == "declined":
            declined = DeclineAlert(
                alert_id=alert_id, version=ANY_VERSION, reason=AlertDecline.TEAM_ENGAGED, instead="Appeler le 15"
            )
            self._do(alerts.decline_alert, declined, team.manager)
        else:
            self._intervene(alert_id, stage, team.manager)

    def _intervene(self, alert_id: UUID, stage: str, by: Member) -> None:
        for action in INTERVENTIONS[stage]:
            self._do(alerts.follow_alert, FollowAlert(alert_id=alert_id, version=ANY_VERSION, action=action), by)
        if stage == "closed":
            record = CloseAlert(alert_id=alert_id, version=ANY_VERSION, reason=CloseReason.NO_RELAY_NEEDED)
            self._do(alerts.close_alert, record, by)

    def _end(self) -> None:
        if self.dies:
            died_on = today() - timedelta(days=self.dice.randint(0, self.age // 8))
            self._do(stays.record_death, RecordDeath(person_id=self.person_id, died_on=died_on), self.physician)
        elif self.stage == "closed":
            reason = self.dice.choice([ClosingReason.RECOVERY, ClosingReason.MOVED, ClosingReason.OUT_OF_CRITERIA])
            record = CloseCase(case_id=open_case_ids(self.person_id)[0], version=ANY_VERSION, reason=reason)
            self._do(cases.close_case, record, self.coordinator)


def _ago(days: int) -> datetime:
    """Return the instant of a day that many days ago; now for today."""
    return instant_of(today() - timedelta(days=days))


def _two(members: Sequence[Member], number: int) -> tuple[Member, Member]:
    """Return two different members in turn."""
    return members[number % len(members)], members[(number + 1) % len(members)]
