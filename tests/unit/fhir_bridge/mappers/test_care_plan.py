"""Signed versions as CarePlan, Goal and DocumentReference."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from accounts.documents.records import DocumentKind, DocumentSnapshot
from fhir_bridge.mappers import care_plan, goal
from fhir_bridge.r4.validation import validate
from ppa.plans.outline import topic
from ppa.plans.records import (
    ActionSnapshot,
    AgreementSnapshot,
    GoalSnapshot,
    NeedSnapshot,
    OfferSnapshot,
    TopicSnapshot,
    VersionSnapshot,
)
from ppa.plans.rules import content_of, digest_of
from ppa.plans.states import ActionStatus, AgreementMeans, ClosingReason, Pace, Words

SIGNED_AT = datetime(2026, 6, 2, 9, 30, tzinfo=UTC)
PERSON, FIRST, SECOND, GOAL, ACTION = (UUID(int=number) for number in range(1, 6))


def version(
    *, words: Words = Words.PERSON, speaker: str = "", text: str = "Rester chez moi.", **fields: object
) -> VersionSnapshot:
    action = ActionSnapshot(
        id=ACTION, version=1, what=f"Passage du soir {text}", who="SSIAD des Tilleuls (fictif)", due_on=date(2026, 7, 1),
        status=ActionStatus.PLANNED, outcome="",
    )  # fmt: skip
    hoped = GoalSnapshot(id=GOAL, text=f"Une nuit entière {text}", words=words, speaker=speaker, actions=(action,))
    content = content_of(
        outline="2026-1",
        topics=[
            TopicSnapshot(topic=topic("what_matters"), text=text),
            TopicSnapshot(topic=topic("crises"), pace=Pace.NOT_NOW),
        ],
        needs=[NeedSnapshot(id=UUID(int=9), text="Dormir", topic="", goals=(hoped,))],
    )
    document = DocumentSnapshot(
        id=UUID(int=7), version=1, person_id=PERSON, kind=DocumentKind.PLAN, title="Plan", content_type="application/pdf",
        size=9, sha256="0" * 64, sha1="0" * 40, created_at=SIGNED_AT, organisation_id=UUID(int=8), source_id=FIRST,
    )  # fmt: skip
    values: dict[str, object] = {
        "id": FIRST,
        "plan_id": UUID(int=6),
        "person_id": PERSON,
        "number": 1,
        "outline": "2026-1",
        "content": content,
        "digest": digest_of(content),
        "agreement": AgreementSnapshot(
            id=UUID(int=10), given_on=date(2026, 6, 1), means=AgreementMeans.ADAPTED, witness="Sa fille",
            recorded_by="", digest="",
        ),
        "signer_id": UUID(int=11),
        "signer": "Dr Soignantel",
        "organisation_id": UUID(int=8),
        "organisation": "Hôpital (fictif)",
        "signed_at": SIGNED_AT,
        "document": document,
        "replaces": None,
        "replaces_document": None,
        "replaced_at": None,
        "closed_for": None,
        "statuses": {str(ACTION): ActionStatus.DOING},
        **fields,
    }  # fmt: skip
    return VersionSnapshot(**values)  # type: ignore[arg-type]  # (a factory takes any field)


@pytest.mark.parametrize("text", ["Rester chez moi.", "<b>#$</b>\u0007 😀 עברית", "x" * 100_000])
def test_a_version_in_force_is_an_active_care_plan_with_its_goals_activities_and_paper(text):
    resource = care_plan.to_resource(version(text=text))
    validate(resource)
    assert resource["status"] == "active"
    assert resource["category"][0]["coding"][0]["code"] == "18776-5"
    assert resource["goal"] == [{"reference": f"Goal/{GOAL}"}]
    assert resource["activity"][0]["detail"]["status"] == "in-progress"
    assert resource["activity"][0]["detail"]["scheduledPeriod"] == {"end": "2026-07-01"}
    assert resource["supportingInfo"] == [{"reference": f"DocumentReference/{UUID(int=7)}"}]
    assert any("Pas maintenant" in note["text"] for note in resource["note"])


def test_a_need_without_a_goal_that_stands_is_told_on_the_care_plan():
    alone = NeedSnapshot(id=UUID(int=9), text="Voir la mer", topic="", goals=())
    resource = care_plan.to_resource(version(content=content_of(outline="2026-1", topics=[], needs=[alone])))
    validate(resource)
    assert {"text": "Besoin : Voir la mer"} in resource["note"]
    assert not any("Besoin" in note["text"] for note in care_plan.to_resource(version())["note"]), "its goal tells it"


def test_the_next_version_replaces_it_and_it_is_completed_with_its_paper_superseded():
    old = version(replaced_at=datetime(2026, 9, 1, tzinfo=UTC))
    new = version(id=SECOND, number=2, replaces=FIRST, replaces_document=UUID(int=7))
    for resource in (care_plan.to_resource(old), care_plan.to_resource(new), care_plan.to_paper(old)):
        validate(resource)
    assert care_plan.to_resource(old)["status"] == "completed"
    assert care_plan.to_resource(old)["activity"][0]["detail"]["status"] == "unknown"
    assert care_plan.to_resource(old)["period"]["end"] == "2026-09-01T00:00:00Z"
    assert care_plan.to_resource(new)["replaces"] == [{"reference": f"CarePlan/{FIRST}"}]
    assert care_plan.to_paper(old)["status"] == "superseded"
    assert care_plan.to_paper(new)["relatesTo"][0]["code"] == "replaces"


@pytest.mark.parametrize(
    ("reason", "status"), [(ClosingReason.WITHDRAWAL, "revoked"), (ClosingReason.DEATH, "completed")]
)
def test_a_plan_that_ended_says_how(reason, status):
    resource = care_plan.to_resource(version(closed_for=reason))
    validate(resource)
    assert resource["status"] == status


@pytest.mark.parametrize(
    ("words", "speaker", "expressed"),
    [
        (Words.PERSON, "", {"reference": f"Patient/{PERSON}"}),
        (Words.RELATIVE, "Sa fille", {"type": "RelatedPerson", "display": "Sa fille"}),
        (Words.PROFESSIONAL, "", {"type": "Practitioner", "display": "Un professionnel"}),
        (Words.RELATIVE, " ", {"type": "RelatedPerson", "display": "Un proche"}),
    ],
)
def test_a_goal_says_in_whose_words_it_is(words, speaker, expressed):
    (resource,) = goal.to_resources([version(words=words, speaker=speaker)])
    validate(resource)
    assert resource.get("expressedBy") == expressed
    assert resource["lifecycleStatus"] == "active"


def test_a_goal_of_two_versions_is_one_resource_and_one_left_behind_is_cancelled():
    old = version(replaced_at=datetime(2026, 9, 1, tzinfo=UTC))
    new = version(id=SECOND, number=2, text="Autrement.")
    (kept,) = goal.to_resources([old, new])
    assert kept["description"]["text"] == "Une nuit entière Autrement."
    (left,) = goal.to_resources([old, replace(new, content={**new.content, "needs": []})])
    validate(left)
    assert (left["lifecycleStatus"], left["statusDate"]) == ("cancelled", "2026-09-01")


@pytest.mark.parametrize("fields", [{}, {"replaced_at": datetime(2026, 9, 1, tzinfo=UTC)}])
def test_a_goal_that_was_reached_is_completed_on_its_day_and_stays_so_when_it_is_left_behind(fields):
    signed = version(**fields)
    signed.content["needs"][0]["goals"][0]["reached"] = {"on": "2026-05-20", "outcome": "Elle dort."}
    (resource,) = goal.to_resources([signed])
    validate(resource)
    assert (resource["lifecycleStatus"], resource["statusDate"]) == ("completed", "2026-05-20")
    assert resource["achievementStatus"]["coding"][0]["code"] == "achieved"
    assert resource["outcomeCode"] == [{"text": "Elle dort."}]


def test_how_far_she_wishes_to_go_is_told_with_its_day_beside_what_was_written():
    offer = OfferSnapshot(pace=Pace.WITH_SOMEONE, with_whom="sa fille", offered_on=date(2026, 5, 3), author="")
    topics = [
        TopicSnapshot(topic=topic("what_matters"), text="Le jardin.", pace=Pace.OPEN, offers=(offer,)),
        TopicSnapshot(topic=topic("crises"), text="À reprendre.", pace=Pace.WITH_SOMEONE, offers=(offer,)),
        TopicSnapshot(topic=topic("review"), pace=Pace.NEVER, offers=(offer,)),
    ]
    content = content_of(outline="2026-1", topics=topics, needs=[])
    resource = care_plan.to_resource(version(content=content))
    validate(resource)
    titles = [topic(code).title for code in ("what_matters", "crises", "review")]
    assert [(one.get("time"), one["text"]) for one in resource["note"][1:]] == [
        (None, f"{titles[0]} : Le jardin."),
        (None, f"{titles[1]} : À reprendre."),
        ("2026-05-03", f"{titles[1]} : En présence de sa fille"),
        ("2026-05-03", f"{titles[2]} : Ne souhaite pas en parler"),
    ]


def test_a_goal_signed_after_midnight_carries_that_day():
    (resource,) = goal.to_resources([version(signed_at=datetime(2026, 12, 1, 23, 30, tzinfo=UTC))])
    assert resource["statusDate"] == "2026-12-02"


@pytest.mark.parametrize(
    ("status", "where"),
    [
        (ActionStatus.DONE, "outcomeCodeableConcept"),
        (ActionStatus.DOING, "progress"),
        (ActionStatus.PLANNED, "progress"),
        (ActionStatus.DROPPED, "statusReason"),
    ],
)
def test_what_came_of_an_action_stands_where_its_status_asks(status, where):
    followed = version(statuses={str(ACTION): status}, outcomes={str(ACTION): "Elle dort."})
    resource = care_plan.to_resource(followed)
    validate(resource)
    (activity,) = resource["activity"]
    told = {**activity, **activity["detail"]}
    places = ("outcomeCodeableConcept", "progress", "statusReason")
    assert [place for place in places if place in told] == [where]
    assert "Elle dort." in str(told[where])
    replaced = care_plan.to_resource(replace(followed, replaced_at=SIGNED_AT))
    validate(replaced)
    assert "Elle dort." not in str(replaced)


def test_the_version_in_force_tells_by_when_it_is_read_again():
    resource = care_plan.to_resource(version(review_on=date(2026, 9, 1)))
    validate(resource)
    assert resource["activity"][-1]["detail"] == {
        "code": {"text": "Relecture du plan"},
        "status": "scheduled",
        "scheduledPeriod": {"end": "2026-09-01"},
    }
    for over in ({"replaced_at": SIGNED_AT}, {"closed_for": ClosingReason.MOVED}):
        assert "Relecture" not in str(care_plan.to_resource(version(review_on=date(2026, 9, 1), **over)))


def test_a_plan_is_found_as_a_ppcs_too():
    codes = [one["coding"][0]["code"] for one in care_plan.to_resource(version())["category"]]
    assert codes == ["18776-5", "ppcs"]
