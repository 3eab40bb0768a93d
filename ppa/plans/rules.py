"""Pure rules of plans: what an agreement covers, when a version may be signed."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from accounts.access.records import FieldSet
from accounts.access.states import Category
from accounts.kernel.errors import DomainError
from ppa.crises.records import CrisisSnapshot
from ppa.crises.rules import crises_content, crises_lines
from ppa.plans.outline import Outline, domains, offered, outline, outline_for, outline_named
from ppa.plans.records import (
    AgreementSnapshot,
    Change,
    EntrySnapshot,
    FollowGoal,
    GoalSnapshot,
    NeedSnapshot,
    PlanSnapshot,
    RecordAgreement,
    SetTopicPace,
    TakeAgreementBack,
    TopicSnapshot,
    VersionSnapshot,
    WishedPlace,
)
from ppa.plans.states import (
    IN_FORCE,
    MOMENT_LABELS,
    PACE_LABELS,
    PLACE_LABELS,
    PLAN,
    TO_DO,
    WORDS_LABELS,
    ActionStatus,
    AgreementMeans,
    Domain,
    EntryKind,
    GoalStatus,
    Pace,
    Place,
    PlaceMoment,
    PlanAction,
    PlanState,
    ReviewReason,
    Words,
)

LATEST_REVIEW = timedelta(days=731)
TYPED = ("present", "said", "how_far", "need", "goal", "speaker", "what", "who")
"""The fields of the forms of a plan that hold somebody's own words."""


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


class WantedNoMore(DomainError):
    """Who wanted no plan any more is asked before another begins."""

    code = "plan-wanted-no-more"
    text = "La personne ne souhaitait plus de plan. Proposez-le-lui de nouveau et notez sa réponse avant d’en commencer un autre."


class OutlineNotOffered(DomainError):
    """A plan begins with a model that is still offered."""

    code = "plan-outline-not-offered"
    text = "Ce modèle de plan n’est plus proposé. Choisissez-en un autre."


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
    text = "Deux textes se sont croisés sur un thème. Rapprochez-les avant d’aller plus loin."


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


class AgreementBeforeTakenBack(DomainError):
    """Whoever went back on her agreement is asked again: an older day would make her yes outlive her no."""

    code = "plan-agreement-before-taken-back"
    text = "Depuis ce jour, la personne est revenue sur son accord. Indiquez le jour où elle l’a donné de nouveau."


class TakenBackBeforeGiven(DomainError):
    """Nobody goes back on what she has not said yet."""

    code = "plan-taken-back-before-given"
    text = "Ce jour précède celui où la personne a donné son accord. Vérifiez la date."


class AgreedVersionSigned(DomainError):
    """What is signed is changed by its next version."""

    code = "plan-agreed-version-signed"
    text = "Cette version est déjà signée. Si la personne change d’avis, commencez une révision avec elle ; si elle ne souhaite plus de plan, il peut être clos."
    status = 409
    issue = "conflict"


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


class ComeBackTooEarly(DomainError):
    """A topic is offered again after the day on which it was put off."""

    code = "plan-come-back-too-early"
    text = "Choisissez, pour reproposer ce thème, un jour qui suit celui où la personne a répondu."


class BeforeBirth(DomainError):
    """Nothing is said or agreed to before a life."""

    code = "plan-before-birth"
    text = "Cette date précède la naissance de la personne. Vérifiez l’année."


class BeforeSignature(DomainError):
    """A version is handed out once it is signed."""

    code = "plan-before-signature"
    text = "Cette version a été signée après cette date. Vérifiez le jour."


class ToldInFuture(DomainError):
    """What is kept has already happened."""

    code = "plan-entry-in-future"
    text = "Cette date est dans le futur. Indiquez le jour où cela a eu lieu."


class ReviewInPast(DomainError):
    """A review is to come."""

    code = "plan-review-in-past"
    text = "Cette date est déjà passée. Choisissez le jour où relire le plan."


class ReviewTooFar(DomainError):
    """A mistyped year would take the plan off every list."""

    code = "plan-review-too-far"
    text = "Cette date est dans plus de deux ans. Vérifiez l’année, ou choisissez un jour plus proche."


class NothingSigned(DomainError):
    """A paper is given of a signed version only."""

    code = "plan-nothing-signed"
    text = "Aucune version n’est encore signée : il n’y a pas encore de papier à remettre."
    status = 409
    issue = "conflict"


class NotInForce(DomainError):
    """What is being written is not read again without a change: it is signed, or not."""

    code = "plan-not-in-force"
    text = "Aucune version n’est en vigueur, ou la suivante est déjà en préparation : ce qui reste vrai s’y écrit."
    status = 409
    issue = "conflict"


class PersonSpokeSince(DomainError):
    """What a professional wrote may be taken back, never what the person said."""

    code = "plan-person-spoke-since"
    text = "Depuis le début de la révision, la personne a dit ce qu’elle souhaite (un objectif, un lieu, ou comment parler d’un thème). Sa parole s’écrit dans le plan : poursuivez la révision avec elle."
    status = 409
    issue = "conflict"


class ActionsAddedSince(DomainError):
    """An action that somebody does, or did, is no mistake any more."""

    code = "plan-actions-added-since"
    text = "Des actions ont été ajoutées pendant la révision. Notez comme abandonnées celles qui n’ont pas lieu d’être ; si l’une est en cours ou faite, poursuivez la révision."
    status = 409
    issue = "conflict"


class ActionRewordedSince(DomainError):
    """What came of an action is never told of another one."""

    code = "plan-action-reworded-since"
    text = "Une action écrite autrement pendant la révision est en cours ou faite : ses mots d’avant diraient autre chose que ce qui a lieu. Poursuivez la révision."
    status = 409
    issue = "conflict"


class ActionsToDo(DomainError):
    """What somebody still does is never left without its reason."""

    code = "plan-actions-to-do"
    text = "Des actions sont encore à faire ou en cours. Notez d’abord, pour chacune, si elle est faite ou abandonnée."
    status = 409
    issue = "conflict"


class NoLongerInPlan(DomainError):
    """Nothing is added under what has left the plan."""

    code = "plan-no-longer-in-plan"
    text = "Ce besoin ou cet objectif n’est plus dans le plan. Reprenez-le d’abord."
    status = 409
    issue = "conflict"


class SettledDayMissing(DomainError):
    """A goal was reached, or given up, on a day."""

    code = "plan-settled-day-missing"
    text = "Indiquez le jour où l’objectif a été atteint, ou abandonné."


class TextMissing(DomainError):
    """Nothing was written."""

    code = "plan-text-missing"
    text = "Écrivez quelques mots avant d’enregistrer."


def check_text(text: str, *, field: str) -> None:
    """Raise `TextMissing` for an empty or blank text."""
    if not text.strip():
        raise TextMissing(field=field)


def chosen_outline(version: str, *, born_on: date, today: date) -> Outline:
    """Return the outline to begin with: the one named, else that of the person's age; raises `OutlineNotOffered`."""
    if not version:
        return outline_for(age_on(today, born_on=born_on))
    for one in offered():
        if one.version == version:
            return one
    raise OutlineNotOffered(field="outline")


def age_on(day: date, *, born_on: date) -> int:
    """Return an age in whole years; 0 before birth."""
    return max(0, day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day)))


def check_alive(died_on: date | None) -> None:
    """Raise `PersonHasDied` once a death is recorded."""
    if died_on is not None:
        raise PersonHasDied


def check_offer(record: SetTopicPace, *, born_on: date, today: date) -> None:
    """Raise unless the answer to an offer is complete and dated in the person's life, no later than today."""
    if record.offered_on > today:
        raise OfferInFuture(field="offered_on")
    check_born(record.offered_on, field="offered_on", born_on=born_on)
    if record.pace == Pace.WITH_SOMEONE and not record.with_whom.strip():
        raise CompanionMissing(field="with_whom")
    if record.come_back_on is not None and record.come_back_on <= record.offered_on:
        raise ComeBackTooEarly(field="come_back_on")


def check_happened(day: date, *, field: str, born_on: date, today: date) -> None:
    """Raise for what has not taken place yet, or is dated before the person was born."""
    if day > today:
        raise ToldInFuture(field=field)
    check_born(day, field=field, born_on=born_on)


def check_born(day: date, *, field: str, born_on: date) -> None:
    """Raise `BeforeBirth` for a day before the person was born."""
    if day < born_on:
        raise BeforeBirth(field=field)


def check_handed(day: date, *, field: str, signed_on: date | None, today: date) -> None:
    """Raise unless a signed version could be deposited or given on that day."""
    if day > today:
        raise ToldInFuture(field=field)
    if signed_on is not None and day < signed_on:
        raise BeforeSignature(field=field)


def is_kept_beside(action: PlanAction, state: str, *, is_signed: bool) -> bool:
    """Tell whether a deposit of what is in force, or its refusal, is kept without moving the plan.

    So while its next version is written, and for a refusal that comes after the deposit, which stays told.
    """
    return is_signed and state != PlanState.CLOSED and not PLAN.may(action, state)


def check_review(day: date, *, today: date) -> None:
    """Raise unless the plan can still be looked at again that day."""
    if day < today:
        raise ReviewInPast(field="review_on")
    if day > today + LATEST_REVIEW:
        raise ReviewTooFar(field="review_on")


def next_review(planned: date | None, asked: date | None, *, today: date) -> date | None:
    """Return by when a plan that was just read is read again: the day that is asked, else the one that is still to come."""
    if asked is not None:
        check_review(asked, today=today)
        return asked
    return planned if planned is not None and planned > today else None


def check_abandonable(
    signed: Mapping[str, Any],
    written: Mapping[str, Any],
    needs: Collection[NeedSnapshot],
    *,
    added: Iterable[str],
) -> None:
    """Raise when abandoning what is `written` would undo more than words: what she said since, or what somebody does.

    `added`: how the actions go that came with the revision.
    """
    if _her_word(signed) != _her_word(written) or _her_goals_moved(signed, needs):
        raise PersonSpokeSince
    if any(status != ActionStatus.DROPPED for status in added):
        raise ActionsAddedSince
    planned = actions_in(signed)
    for action in (action for need in needs for goal in need.goals for action in goal.actions):
        one = planned.get(str(action.id))
        if (
            one
            and action.status in (ActionStatus.DOING, ActionStatus.DONE)
            and (action.what, action.who) != (one["what"], one["who"])
        ):
            raise ActionRewordedSince
    held = {goal["id"] for need in signed["needs"] for goal in need["goals"]}
    check_left(goal for need in needs for goal in need.goals if str(goal.id) not in held)


def _her_word(content: Mapping[str, Any]) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    paces = [(one["code"], one["pace"], one["with_whom"]) for one in content["topics"] if one["pace"]]
    return paces, [(one["moment"], one["place"], one["words"]) for one in content.get("places", ())]


def _her_goals_moved(signed: Mapping[str, Any], needs: Iterable[NeedSnapshot]) -> bool:
    """Tell whether a goal in her own words was added, worded otherwise or given up since."""
    held = {need["id"] for need in signed["needs"]}
    hers = {
        goal["id"]: goal["text"] for need in signed["needs"] for goal in need["goals"] if goal["words"] == Words.PERSON
    }
    now = {
        str(goal.id): goal.text
        for need in needs
        if need.dropped_on is None or str(need.id) in held
        for goal in need.goals
        if goal.words == Words.PERSON and goal.status != GoalStatus.GIVEN_UP
    }
    return hers != now


def revision_of(signed: Mapping[str, Any], written: Mapping[str, Any], needs: Iterable[NeedSnapshot]) -> dict[str, Any]:
    """Return what a revision says, with how stands what it holds no more of the signed content (`left`): as [title, words], by part.

    An action reads there as it was signed: it goes on as it went.
    """
    before, after = _parts(signed), _parts(written)
    now: dict[str, str] = {}
    for need in needs:
        aside = f"Mis de côté le {need.dropped_on:%d/%m/%Y}" if need.dropped_on else ""
        now[f"need {need.id}"] = _lines(need.text, aside)
        for goal in need.goals:
            now[f"goal {goal.id}"] = _lines(goal.text, goal.words_label, _settled(goal))
            for key in (f"action {action.id}" for action in goal.actions):
                now[key] = before.get(key, ("", ""))[1]
    left = {key: [title, now[key]] for key, (title, _) in before.items() if key in now and key not in after}
    return {**written, "left": left}


def _settled(goal: GoalSnapshot) -> str:
    told = f"{goal.status_label} le {goal.settled_on:%d/%m/%Y}" if goal.settled_on else ""
    return " : ".join(text for text in (told, goal.outcome) if text)


def actions_in(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the actions that a content holds, by id."""
    return {one["id"]: one for need in content["needs"] for goal in need["goals"] for one in goal["actions"]}


def put_aside(signed: Mapping[str, Any], revision: Mapping[str, Any]) -> tuple[Change, ...]:
    """Return what goes when a revision is abandoned: what to do in a crisis and its drugs stay as they are."""
    return changes_between({**signed, "crises": ()}, {**revision, "crises": ()})


def way_back(entries: Iterable[EntrySnapshot], *, number: int) -> PlanAction:
    """Return the move that leads an abandoned revision back to where version `number` stands, deposited meanwhile or not."""
    kinds = {one.kind for one in entries if one.number == number}
    if EntryKind.DEPOSIT in kinds:
        return PlanAction.ABANDON_TO_PUBLISHED
    return PlanAction.ABANDON_TO_REFUSED if EntryKind.REFUSAL in kinds else PlanAction.ABANDON


def check_left(goals: Iterable[GoalSnapshot]) -> None:
    """Raise `ActionsToDo` when somebody still has something to do about goals that would leave the plan."""
    if any(goal.has_action_to_do for goal in goals):
        raise ActionsToDo


def check_settled(record: FollowGoal, goal: GoalSnapshot, *, born_on: date, today: date) -> None:
    """Raise unless a goal may stand so: reached or given up on a day of her life, and given up with nothing left to do."""
    if record.status == GoalStatus.IN_PROGRESS:
        return
    if record.settled_on is None:
        raise SettledDayMissing(field="settled_on")
    check_happened(record.settled_on, field="settled_on", born_on=born_on, today=today)
    if record.status == GoalStatus.GIVEN_UP:
        check_left([goal])


def standing(needs: Iterable[NeedSnapshot]) -> tuple[NeedSnapshot, ...]:
    """Return the needs that are not set aside, each with the goals that were not given up."""
    return tuple(
        replace(need, goals=tuple(goal for goal in need.goals if goal.status != GoalStatus.GIVEN_UP))
        for need in needs
        if need.dropped_on is None
    )


def wished_places(entries: Iterable[EntrySnapshot]) -> tuple[WishedPlace, ...]:
    """Return the last wish for each moment, from entries given the latest first."""
    latest: dict[str, EntrySnapshot] = {}
    for entry in entries:
        if entry.kind == EntryKind.PLACE:
            latest.setdefault(entry.content["moment"], entry)
    return tuple(
        WishedPlace(
            moment=moment, place=Place(held.content["place"]), words=held.content["words"], told_on=held.happened_on
        )
        for moment in PlaceMoment
        if (held := latest.get(moment))
    )


STALE_WHEN: Mapping[tuple[str, str], str] = {
    **{
        ("directive", deed): "Les directives anticipées ont changé"
        for deed in ("record", "confirm", "supersede", "revoke", "restore", "withdraw")
    },
    **{
        ("designation", deed): "La personne de confiance a changé"
        for deed in ("sign", "revoke", "renounce", "replace", "suspend", "resume", "lapse", "withdraw", "take_back")
    },
    **{
        ("anticipated_crisis", deed): "Les conduites à tenir ou les médicaments prévus ont changé"
        for deed in ("describe", "reword", "prescribe", "stop", "withdraw")
    },
    **{("stay", deed): "La personne a été hospitalisée ou admise" for deed in ("admit", "start")},
    ("announcement", "record"): "Une nouvelle annonce a été faite",
    ("case", "record_level"): "Le niveau de gradation a été réévalué",
    ("emergency_sheet", "sign_other_phase"): "La phase de la maladie a changé",
}
"""What, once it happened after a signature, calls for looking at the plan again: (aggregate, deed) → sentence. Source: issue 4.

What is left out on purpose has its reason in `tests/house/test_plan_marks.py`.
"""


CHANGED_BY: Mapping[ReviewReason, frozenset[str]] = {
    ReviewReason.WISHES: frozenset({"directive", "designation"}),
    ReviewReason.DRUGS: frozenset({"anticipated_crisis"}),
    ReviewReason.PHASE: frozenset({"announcement", "case", "emergency_sheet"}),
    ReviewReason.ADMISSION: frozenset({"stay"}),
}
"""Which aggregates of `STALE_WHEN` each reason but the date is about."""
TOLD_WITH: Mapping[str, Category] = {
    "directive": Category.DIRECTIVES,
    "designation": Category.DIRECTIVES,
    "stay": Category.REQUESTS,
    "case": Category.SOCIAL,
    "emergency_sheet": Category.DIRECTIVES,
}
"""The category of data that a change of an aggregate of `STALE_WHEN` tells something of, where it is not the plan's own."""


def stale_reasons(deeds: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Return why a signed plan is to be looked at again, each reason once, from what happened since (aggregate, deed)."""
    return tuple(dict.fromkeys(STALE_WHEN[deed] for deed in deeds if deed in STALE_WHEN))


def goals_not_reached(plan: PlanSnapshot, *, today: date) -> tuple[GoalSnapshot, ...]:
    """Return the goals that were not reached: all that was tried is dropped, or something that should be done is not.

    Source: HAS, plan personnalisé de coordination en santé, July 2019 (shared objectives not reached).
    """
    goals = (goal for need in standing(plan.needs) for goal in need.goals if not goal.is_reached)
    return tuple(goal for goal in goals if is_missed([(one.status, one.due_on) for one in goal.actions], today=today))


def is_missed(actions: Collection[tuple[ActionStatus, date | None]], *, today: date) -> bool:
    """Tell whether the actions of one goal, as (status, day), say that it was not reached."""
    dropped = bool(actions) and all(status == ActionStatus.DROPPED for status, _ in actions)
    return dropped or any(status in TO_DO and day is not None and day < today for status, day in actions)


def changes_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    """Return what differs between two contents, part by part, in the order of the later one."""
    old, new = _parts(before), _parts(after)
    return tuple(
        Change(part=title, before=old.get(key, ("", ""))[1], after=new.get(key, ("", ""))[1])
        for key, (title, _) in {**new, **{key: old[key] for key in old if key not in new}}.items()
        if old.get(key, ("", ""))[1] != new.get(key, ("", ""))[1]
    )


def pace_line(topic: Mapping[str, Any]) -> str:
    """Return how far the person wishes to go on one topic of a content, in words; empty before it was offered."""
    if not topic["pace"]:
        return ""
    pace = Pace(topic["pace"])
    return (
        f"En présence de {topic['with_whom']}"
        if pace == Pace.WITH_SOMEONE and topic["with_whom"]
        else PACE_LABELS[pace]
    )


def reached_line(goal: Mapping[str, Any]) -> str:
    """Return in words that a goal of a content was reached, when, and what came of it; empty before that."""
    reached = goal.get("reached")
    if not reached:
        return ""
    told = f"Atteint le {date.fromisoformat(reached['on']):%d/%m/%Y}"
    return f"{told} : {reached['outcome']}" if reached["outcome"] else told


def words_line(goal: Mapping[str, Any]) -> str:
    """Return whose words a goal of a content is in."""
    return f"Les mots de {goal['speaker']}" if goal["speaker"] else WORDS_LABELS[Words(goal["words"])]


def held_back(topic: Mapping[str, Any]) -> str:
    """Return `pace_line` where it says more than that the topic may be spoken of, as its text shows already."""
    return "" if topic["text"] and topic["pace"] == Pace.OPEN else pace_line(topic)


def _parts(content: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Return each part of a content as (title, words), by a key that stays from one version to the next."""
    titles = {one.code: one.title for one in outline(content["outline"])}
    parts = {"outline": ("Modèle du plan", outline_named(content["outline"]).title)}
    for one in content["topics"]:
        parts[f"topic {one['code']}"] = (one["title"], _lines(one["text"], pace_line(one)))
    for place in content.get("places", ()):
        parts[f"place {place['moment']}"] = (
            MOMENT_LABELS[PlaceMoment(place["moment"])],
            " : ".join(text for text in (PLACE_LABELS[Place(place["place"])], place["words"]) if text),
        )
    for crisis in crises_lines(content.get("crises", ())):
        title = f"Si la situation s’aggrave : {crisis['title'].lower()}"
        parts[f"crisis {crisis['id']}"] = (title, _lines(crisis["signs"], crisis["response"], crisis["call"]))
        for raw, drug in zip(crisis["prescriptions"], crisis["drugs"], strict=True):
            parts[f"drug {raw['id']}"] = (f"Médicament prévu : {drug['drug']}", _lines(drug["line"], drug["remark"]))
    for need in content["needs"]:
        about = titles.get(need["topic"], "")
        parts[f"need {need['id']}"] = ("Besoin", _lines(need["text"], f"Thème : {about}" if about else ""))
        for goal in need["goals"]:
            parts[f"goal {goal['id']}"] = (
                f"Objectif, pour « {need['text'][:80]} »",
                _lines(goal["text"], words_line(goal), reached_line(goal)),
            )
            for action in goal["actions"]:
                words = " – ".join(text for text in (action["what"], action["who"], action["due_on"]) if text)
                parts[f"action {action['id']}"] = (f"Action, pour « {goal['text'][:80]} »", words)
    return parts | {key: (title, words) for key, (title, words) in content.get("left", {}).items()}


def _lines(*texts: str) -> str:
    return "\n".join(text for text in texts if text)


def check_shareable(
    topics: Iterable[TopicSnapshot], needs: Iterable[NeedSnapshot], crises: Iterable[CrisisSnapshot] = ()
) -> None:
    """Raise unless there is something to read, and one text a topic."""
    shown = tuple(topics)
    check_reconciled(shown)
    if not any(topic.text.strip() for topic in shown) and not standing(needs) and not tuple(crises):
        raise PlanIsEmpty


def check_reconciled(topics: Iterable[TopicSnapshot]) -> None:
    """Raise `TextsToReconcile` when two texts of one topic crossed."""
    if any(topic.others for topic in topics):
        raise TextsToReconcile


def check_agreement(
    record: RecordAgreement, *, was_shared: bool, born_on: date, today: date, taken_back_on: date | None = None
) -> None:
    """Raise unless the person could agree, on that day, by that means; `taken_back_on`: when she last went back on it."""
    if not was_shared:
        raise AgreementBeforeSharing
    if record.given_on > today:
        raise AgreementInFuture(field="given_on")
    check_born(record.given_on, field="given_on", born_on=born_on)
    if taken_back_on is not None and record.given_on < taken_back_on:
        raise AgreementBeforeTakenBack(field="given_on")
    if record.means != AgreementMeans.SIGNATURE and not record.witness.strip():
        raise WitnessMissing(field="witness")


def agreement_taken_back(
    record: TakeAgreementBack, agreement: AgreementSnapshot | None, *, state: str, today: date
) -> AgreementSnapshot:
    """Return the agreement on which the person goes back; raises unless she gave one, no later, that nobody signed yet."""
    if state in IN_FORCE:
        raise AgreedVersionSigned
    PLAN.target(PlanAction.TAKE_AGREEMENT_BACK, state)
    if agreement is None:
        raise AgreementMissing
    if record.told_on > today:
        raise ToldInFuture(field="told_on")
    if record.told_on < agreement.given_on:
        raise TakenBackBeforeGiven(field="told_on")
    check_text(record.said, field="said")
    return agreement


def taken_back_on(entries: Iterable[EntrySnapshot], *, number: int) -> date | None:
    """Return the last day on which the person went back on her agreement to a version; `None` when she never did."""
    days = (one.happened_on for one in entries if one.kind == EntryKind.TAKEN_BACK and one.number == number)
    return max(days, default=None)


def still_given(agreement: AgreementSnapshot | None, entries: Iterable[EntrySnapshot]) -> AgreementSnapshot | None:
    """Return an agreement, unless the person went back on it."""
    taken_back = {one.content["agreement"] for one in entries if one.kind == EntryKind.TAKEN_BACK}
    return agreement if agreement is not None and str(agreement.id) not in taken_back else None


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
    places: Iterable[WishedPlace] = (),
) -> dict[str, Any]:
    """Return what the person agrees to, in one canonical form.

    How actions go is left out, so that following them never undoes an agreement; an abandoned action, a goal that was
    given up and a need that is set aside are left out too.
    A part that is empty has no key, so that what was agreed to before that part existed still has its digest.
    """
    foreseen, wished = crises_content(crises), [_place_content(place) for place in places]
    return {
        **({"places": wished} if wished else {}),
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
                        **_reached(goal),
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
            for need in standing(needs)
        ],
    }


def _reached(goal: GoalSnapshot) -> dict[str, Any]:
    if not goal.is_reached or goal.settled_on is None:
        return {}
    return {"reached": {"on": goal.settled_on.isoformat(), "outcome": goal.outcome}}


def digest_of(content: dict[str, Any]) -> str:
    """Return the SHA-256 of a canonical content, in hexadecimal."""
    written = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()


def _place_content(wished: WishedPlace) -> dict[str, str]:
    return {
        "moment": str(wished.moment),
        "place": str(wished.place),
        "words": wished.words,
        "told_on": wished.told_on.isoformat(),
    }


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


def is_blank(content: Mapping[str, str]) -> bool:
    """Tell whether nothing was typed in a form: days and choices stand there before anybody comes."""
    return not any(content.get(name, "").strip() for name in TYPED)


def social_codes() -> frozenset[str]:
    """Return the codes of the social topics of every outline."""
    return frozenset(code for code, domain in domains().items() if domain == Domain.SOCIAL)


def social_part(plan: PlanSnapshot) -> PlanSnapshot:
    """Return what the social sector reads of a plan: its social topics and the needs told there, and nothing that covers the rest.

    No agreement and no signed version: both are about the whole.
    """
    codes = social_codes()
    return replace(
        plan,
        topics=tuple(shown for shown in plan.topics if shown.topic.code in codes),
        needs=tuple(need for need in plan.needs if need.topic in codes),
        crises=(),
        agreement=None,
        agreement_is_current=False,
        versions=(),
        former=(),
        entries=(),
        stale=(),
    )
