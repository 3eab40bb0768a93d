"""Pure rules of plans: what an agreement covers, when a version may be signed."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from accounts.access.records import FieldSet
from accounts.kernel.errors import DomainError
from ppa.crises.records import CrisisSnapshot
from ppa.crises.rules import crises_content
from ppa.plans.outline import outline
from ppa.plans.records import (
    NeedSnapshot,
    PlanSnapshot,
    RecordAgreement,
    SetTopicPace,
    TopicSnapshot,
    VersionSnapshot,
)
from ppa.plans.states import ActionStatus, AgreementMeans, Domain, Pace


class PlanAlreadyOpen(DomainError):
    """A person has one plan at a time."""

    code = "plan-already-open"
    text = "Un plan est déjà en cours pour cette personne. Ouvrez-le pour le compléter."
    status = 409
    issue = "conflict"


class ProposalNotAccepted(DomainError):
    """A plan is never begun against, or ahead of, the person's answer."""

    code = "plan-proposal-not-accepted"
    text = "La personne n’a pas encore accepté qu’un plan soit préparé. Notez d’abord sa réponse à la proposition."


class PersonHasDied(DomainError):
    """Nothing new is planned for a person who died."""

    code = "plan-person-has-died"
    text = "Cette personne est décédée : son plan reste lisible, il ne se modifie plus."


class PlanIsEmpty(DomainError):
    """There is nothing to read with the person yet."""

    code = "plan-is-empty"
    text = "Le plan est encore vide. Écrivez au moins un thème ou un besoin avant de le partager."


class TextsToReconcile(DomainError):
    """Two people wrote on one topic at the same time."""

    code = "plan-texts-to-reconcile"
    text = "Deux textes se sont croisés sur un thème. Rapprochez-les avant de partager le plan."


class AgreementBeforeSharing(DomainError):
    """Nobody agrees to what she has not read."""

    code = "plan-agreement-before-sharing"
    text = "Relisez d’abord le plan avec la personne, puis partagez-le : l’accord se recueille ensuite."
    status = 409
    issue = "conflict"


class AgreementInFuture(DomainError):
    """An agreement cannot have been given tomorrow."""

    code = "plan-agreement-in-future"
    text = "Cette date est dans le futur. Indiquez le jour où la personne a donné son accord."


class WitnessMissing(DomainError):
    """A spoken or adapted agreement needs the name of who was there."""

    code = "plan-witness-missing"
    text = "Indiquez le nom de la personne qui a été témoin de l’accord ou qui a aidé à le recueillir."


class AgreementMissing(DomainError):
    """No signature without the person's agreement."""

    code = "plan-agreement-missing"
    text = "La personne n’a pas encore donné son accord à ce plan. Recueillez-le avant de signer."
    status = 409
    issue = "conflict"


class ContentChanged(DomainError):
    """What would be signed is not what the person agreed to."""

    code = "plan-content-changed"
    text = "Le plan a changé depuis l’accord de la personne. Relisez-le avec elle et recueillez de nouveau son accord."
    status = 409
    issue = "conflict"


class OfferInFuture(DomainError):
    """A topic cannot have been offered tomorrow."""

    code = "plan-offer-in-future"
    text = "Cette date est dans le futur. Indiquez le jour où le thème a été proposé."


class CompanionMissing(DomainError):
    """« With somebody » needs to say with whom."""

    code = "plan-companion-missing"
    text = "Indiquez avec qui la personne souhaite en parler."


class TextMissing(DomainError):
    """Nothing was written."""

    code = "plan-text-missing"
    text = "Écrivez quelques mots avant d’enregistrer."


def check_text(text: str, *, field: str) -> None:
    """Raise `TextMissing` for an empty or blank text."""
    if not text.strip():
        raise TextMissing(field=field)


def check_alive(died_on: date | None) -> None:
    """Raise `PersonHasDied` once a death is recorded."""
    if died_on is not None:
        raise PersonHasDied


def check_offer(record: SetTopicPace, *, today: date) -> None:
    """Raise unless the answer to an offer is complete and dated no later than today."""
    if record.offered_on > today:
        raise OfferInFuture(field="offered_on")
    if record.pace == Pace.WITH_SOMEONE and not record.with_whom.strip():
        raise CompanionMissing(field="with_whom")


def check_shareable(
    topics: Iterable[TopicSnapshot], needs: Iterable[NeedSnapshot], crises: Iterable[CrisisSnapshot] = ()
) -> None:
    """Raise unless there is something to read, and one text a topic."""
    shown = tuple(topics)
    if any(topic.others for topic in shown):
        raise TextsToReconcile
    if not any(topic.text.strip() for topic in shown) and not tuple(needs) and not tuple(crises):
        raise PlanIsEmpty


def check_agreement(record: RecordAgreement, *, was_shared: bool, today: date) -> None:
    """Raise unless the person could agree, on that day, by that means."""
    if not was_shared:
        raise AgreementBeforeSharing
    if record.given_on > today:
        raise AgreementInFuture(field="given_on")
    if record.means != AgreementMeans.SIGNATURE and not record.witness.strip():
        raise WitnessMissing(field="witness")


def check_signable(*, agreed_digest: str | None, present_digest: str) -> None:
    """Raise unless the present content is the one that the person agreed to."""
    if agreed_digest is None:
        raise AgreementMissing
    if agreed_digest != present_digest:
        raise ContentChanged


def content_of(
    *,
    outline: str,
    topics: Iterable[TopicSnapshot],
    needs: Iterable[NeedSnapshot],
    crises: Iterable[CrisisSnapshot] = (),
) -> dict[str, Any]:
    """Return what the person agrees to, in one canonical form.

    How actions go is left out, so that following them never undoes an agreement; an abandoned action is left out too.
    A part that is empty has no key, so that what was agreed to before that part existed still has its digest.
    """
    foreseen = crises_content(crises)
    return {
        **({"crises": foreseen} if foreseen else {}),
        "outline": outline,
        "topics": [_topic_content(shown) for shown in topics if shown.text or shown.pace],
        "needs": [
            {
                "id": str(need.id),
                "text": need.text,
                "topic": need.topic,
                "goals": [
                    {
                        "id": str(goal.id),
                        "text": goal.text,
                        "words": str(goal.words),
                        "speaker": goal.speaker,
                        "actions": [
                            {
                                "id": str(action.id),
                                "what": action.what,
                                "who": action.who,
                                "due_on": action.due_on.isoformat() if action.due_on else None,
                            }
                            for action in goal.actions
                            if action.status != ActionStatus.DROPPED
                        ],
                    }
                    for goal in need.goals
                ],
            }
            for need in needs
        ],
    }


def digest_of(content: dict[str, Any]) -> str:
    """Return the SHA-256 of a canonical content, in hexadecimal."""
    written = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()


def _topic_content(shown: TopicSnapshot) -> dict[str, Any]:
    latest = shown.offers[-1] if shown.offers else None
    return {
        "code": shown.topic.code,
        "title": shown.topic.title,
        "text": shown.text,
        "pace": str(shown.pace) if shown.pace else None,
        "with_whom": latest.with_whom if latest else "",
        "offered_on": latest.offered_on.isoformat() if latest else None,
    }


def is_shown(version: VersionSnapshot, fields: FieldSet) -> bool:
    """Tell whether a field set holds a signed version: in an emergency, only the one in force."""
    in_force = version.replaced_at is None and version.closed_for is None
    return fields == FieldSet.FULL or (fields == FieldSet.EMERGENCY and in_force)


def social_codes(version: str) -> frozenset[str]:
    """Return the codes of the social topics of one outline."""
    return frozenset(topic.code for topic in outline(version) if topic.domain == Domain.SOCIAL)


def social_part(plan: PlanSnapshot) -> PlanSnapshot:
    """Return what the social sector reads of a plan: its social topics and the needs told there, and nothing that covers the rest.

    No agreement and no signed version: both are about the whole.
    """
    codes = social_codes(plan.outline)
    return replace(
        plan,
        topics=tuple(shown for shown in plan.topics if shown.topic.code in codes),
        needs=tuple(need for need in plan.needs if need.topic in codes),
        crises=(),
        agreement=None,
        agreement_is_current=False,
        versions=(),
    )
