"""Invented questions to named professionals, through the commands."""

from dataclasses import dataclass
from uuid import UUID

from accounts.authentication.models import User
from accounts.kernel.actor import Actor, Role
from accounts.organisations.models import Organisation
from pathway.cases.queries import open_case_ids
from pathway.opinions.commands import ask_opinion
from pathway.opinions.records import AskOpinion
from tests.factories import announcements, people
from tests.factories.plans import Team, team

QUESTION = "Faut-il adapter le traitement de fond ?"


@dataclass(frozen=True)
class Asked:
    """A question, who asked it and who was asked, as actors."""

    opinion_id: UUID
    round_her: Team
    expert: Actor
    case_id: UUID
    consent_id: UUID


def expert(at: Organisation, role: Role = Role.PHYSICIAN) -> Actor:
    """Return a professional of a structure who has an account."""
    who = people.actor(role, at)
    User.objects.create(username=f"avis-{who.id}", id=who.id, professional_id=who.professional_id)
    return who


def question(case_id: UUID, to: Actor, **fields: object) -> AskOpinion:
    """Return the input of a question."""
    values: dict[str, object] = {"question": QUESTION, "days": 14, **fields}
    return AskOpinion(case_id=case_id, expert_id=to.professional_id, organisation_id=to.organisation_id, **values)  # type: ignore[arg-type]  # (a factory takes any field)


def asked(role: Role = Role.PHYSICIAN, **fields: object) -> Asked:
    """Return a question of a physician to a professional of a mobile team that the person agreed to."""
    round_her = team()
    announcements.proposed(round_her.person_id, round_her.physician)
    mobile = people.organisation("EMSP des Tilleuls (fictif)")
    consent_id = people.consented(round_her.person_id, mobile, by=round_her.physician)
    case_id, to = open_case_ids(round_her.person_id)[0], expert(mobile, role)
    receipt = ask_opinion(question(case_id, to, **fields), by=round_her.physician)
    return Asked(receipt.id, round_her, to, case_id, consent_id)
