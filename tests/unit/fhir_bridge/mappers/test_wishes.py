"""Directives, designations and relatives as FHIR: valid R4, the national codes, nothing active that is not valid."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID, uuid4, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.documents.records import DocumentKind, DocumentSnapshot
from accounts.people.records import Contact, HeldRole, RelativeSnapshot
from accounts.people.states import RelativeRole
from fhir_bridge.mappers import consent_designation, consent_directive, directive_document, related_person
from fhir_bridge.r4.systems import EXT_DATA_ABSENT_REASON, LOCAL_DESIGNATION_SCOPE, LOINC, R216, R260
from fhir_bridge.r4.validation import validate
from ppa.directives.records import Deposit, DirectiveSnapshot, Holder, Wish
from ppa.directives.states import OTHER_SUBJECT, RESUSCITATION, SUBJECTS, Decision, Medium, Model, Place, State
from ppa.directives.texts import text_on
from ppa.trusted_persons.records import DesignationSnapshot, Signatures
from ppa.trusted_persons.states import Duration, Scope
from ppa.trusted_persons.states import State as DesignationState

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
PERSON, ORGANISATION, FILE = (UUID(int=number) for number in (1, 2, 3))
DIRECTIVE = DirectiveSnapshot(
    id=UUID(int=10),
    person_id=PERSON,
    version=2,
    state=State.VALID,
    medium=Medium.PAPER_SCAN,
    model=Model.FREE,
    signed_on=date(2026, 3, 12),
    has_signature=True,
    witnesses=(),
    written_by="",
    is_protected=False,
    authorisation=None,
    wishes=(Wish(code=RESUSCITATION, decision=Decision.DENY, note="Laissez-moi partir"),),
    comfort_only=False,
    text="",
    holder=None,
    shared_with_coordination=False,
    document_id=FILE,
    authorisation_document_id=None,
    organisation_id=ORGANISATION,
    superseded_by_id=None,
    legal_version="CSP R1111-17 (2016)",
    recorded_at=NOON,
    updated_at=NOON,
)
CARD = DocumentSnapshot(
    id=FILE,
    version=1,
    person_id=PERSON,
    kind=DocumentKind.DIRECTIVES,
    title="Directives anticipées",
    content_type="application/pdf",
    size=4,
    sha256="00" * 32,
    sha1="00" * 20,
    created_at=NOON,
    organisation_id=ORGANISATION,
    source_id=DIRECTIVE.id,
)
RELATIVE = RelativeSnapshot(
    id=UUID(int=20),
    person_id=PERSON,
    version=1,
    family="ESSAI",
    given="Capucine",
    relation="DAUC",
    relation_label="Fille",
    roles=(RelativeRole.TRUSTED_PERSON,),
    birth_date=date(1980, 5, 4),
    contact=Contact(phones=("+33600000002",)),
    active=True,
    held=(
        HeldRole(role=RelativeRole.CONTACT, starts_on=date(2025, 1, 1), ends_on=date(2026, 1, 1)),
        HeldRole(role=RelativeRole.TRUSTED_PERSON, starts_on=date(2026, 4, 3), ends_on=None),
    ),
)
DESIGNATION = DesignationSnapshot(
    id=UUID(int=30),
    person_id=PERSON,
    version=2,
    state=DesignationState.ACTIVE,
    relative_id=RELATIVE.id,
    proposed_on=None,
    come_back_on=None,
    signatures=Signatures(person_signed_on=date(2026, 4, 1), trusted_signed_on=date(2026, 4, 3)),
    scope=Scope.ALL,
    limits="",
    knows_wishes=True,
    holds_copy=False,
    is_protected=False,
    leave=None,
    document_id=FILE,
    organisation_id=ORGANISATION,
    ended_on=None,
    end_means=None,
    end_received_by="",
    created_at=NOON,
    updated_at=NOON,
)


def consents(**fields):
    made = list(consent_directive.to_resources(replace(DIRECTIVE, **fields)))
    for resource in made:
        validate(resource)
    return made


def test_the_whole_document_and_each_wish_are_consents_that_point_to_the_file():
    whole, wish = consents()
    assert whole["id"] == str(DIRECTIVE.id)
    assert whole["provision"] == {
        "code": [{"coding": [{"system": LOINC, "code": "42348-3", "display": "Directives anticipées"}]}]
    }
    assert wish["id"] == str(uuid5(DIRECTIVE.id, RESUSCITATION))
    assert (wish["status"], wish["dateTime"]) == ("active", "2026-03-12")
    assert wish["provision"]["type"] == "deny"
    assert wish["provision"]["code"][0]["coding"][0]["code"] == "75779-9"
    assert wish["provision"]["code"][0]["text"] == "Laissez-moi partir"
    assert wish["scope"]["coding"][0]["code"] == "adr"
    assert [one["coding"][0]["code"] for one in wish["category"]] == ["acd", "42348-3"]
    assert wish["policy"][0]["uri"].endswith("L1111-11")
    assert {one["sourceReference"]["reference"] for one in (whole, wish)} == {f"DocumentReference/{FILE}"}


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (State.TO_VERIFY, "draft"),
        (State.LEGAL_BASIS_TO_CONFIRM, "draft"),
        (State.VALID, "active"),
        (State.SUPERSEDED, "inactive"),
        (State.REVOKED, "inactive"),
        (State.ENTERED_IN_ERROR, "entered-in-error"),
    ],
)
def test_only_a_valid_document_is_active(state, status):
    assert {one["status"] for one in consents(state=state)} == {status}


def test_what_has_no_code_is_an_other_wish_in_words_without_a_type():
    *_, comfort, text = consents(comfort_only=True, text="Je veux rester chez moi")
    assert [one["provision"]["code"][0]["text"] for one in (comfort, text)] == [
        "Soins de confort uniquement",
        "Je veux rester chez moi",
    ]
    assert not any("type" in one["provision"] for one in (comfort, text))


@given(
    st.lists(st.sampled_from(sorted(SUBJECTS)), unique=True),
    st.sampled_from(list(Decision)),
    st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), max_size=50),
)
def test_any_wishes_are_valid_and_have_ids_of_their_own(codes, decision, note):
    made = consents(
        wishes=tuple(Wish(code=code, decision=decision, note=note) for code in codes),
        comfort_only=True,
        text="Mes mots",
    )
    assert len({one["id"] for one in made}) == len(made)
    untyped = [one for one in made if one["provision"]["code"][0]["coding"][0]["code"] == OTHER_SUBJECT]
    assert not any("type" in one["provision"] for one in untyped)


def test_the_file_says_what_it_is_its_own_date_and_what_it_replaces():
    former = uuid4()
    resource = directive_document.to_resource(DIRECTIVE, CARD, replaces=former)
    validate(resource)
    assert resource["type"]["coding"][0]["code"] == "EXPPAT_3"
    assert resource["content"][0]["attachment"]["creation"] == "2026-03-12"
    assert resource["relatesTo"][0]["target"]["reference"] == f"DocumentReference/{former}"
    superseded = directive_document.to_resource(replace(DIRECTIVE, state=State.SUPERSEDED), CARD)
    mistake = directive_document.to_resource(replace(DIRECTIVE, state=State.ENTERED_IN_ERROR), CARD)
    assert [one["status"] for one in (resource, superseded, mistake)] == ["current", "superseded", "entered-in-error"]


def test_a_place_known_only_has_no_bytes_and_says_who_keeps_it():
    kept = replace(DIRECTIVE, document_id=None, holder=Holder(name="Maître Essai", phone="0380000000"))
    resource = directive_document.to_place(kept)
    validate(resource)
    assert resource["description"] == "Original conservé par Maître Essai, 0380000000"
    assert set(resource["content"][0]["attachment"]) == {"title", "creation"}


@pytest.mark.parametrize(("medium", "what"), [(Medium.AUDIO, "sonore"), (Medium.VIDEO, "vidéo")])
def test_a_recording_is_said_to_be_one_whose_place_in_the_law_is_to_be_confirmed(medium, what):
    recorded = replace(DIRECTIVE, medium=medium, state=State.LEGAL_BASIS_TO_CONFIRM, holder=Holder(name="Essai"))
    told = f"Enregistrement {what} : cadre légal à confirmer. Original conservé par Essai"
    place = directive_document.to_place(replace(recorded, document_id=None))
    file = directive_document.to_resource(recorded, replace(CARD, content_type="audio/mpeg"))
    for resource in (place, file):
        validate(resource)
        assert resource["description"] == told
    assert (
        place["content"][0]["attachment"]["title"] == f"Directives anticipées : enregistrement {what} conservé ailleurs"
    )


def test_one_related_person_a_role_with_its_own_period_and_one_identifier():
    contact, trusted = related_person.to_resources(RELATIVE)
    for resource in (contact, trusted):
        validate(resource)
    assert contact["identifier"] == trusted["identifier"]
    assert (contact["active"], contact["period"]) == (False, {"start": "2025-01-01", "end": "2026-01-01"})
    assert (trusted["active"], trusted["period"]) == (True, {"start": "2026-04-03"})
    codes = [(one["coding"][0]["system"], one["coding"][0]["code"]) for one in trusted["relationship"]]
    assert codes == [(R260, "NOK"), (R216, "DAUC")]
    assert [related_person.is_trusted_person(one) for one in (contact, trusted)] == [False, True]


def test_a_relative_without_a_role_is_shown_by_the_kinship_alone():
    (resource,) = related_person.to_resources(replace(RELATIVE, held=(), roles=()))
    validate(resource)
    assert resource["id"] == str(RELATIVE.id)
    assert [one["coding"][0]["code"] for one in resource["relationship"]] == ["DAUC"]


def test_a_designation_permits_nothing_but_to_be_the_trusted_person():
    resource = consent_designation.to_resource(DESIGNATION)
    validate(resource)
    trusted = f"RelatedPerson/{related_person.role_id(RELATIVE.id, RelativeRole.TRUSTED_PERSON)}"
    assert [one["coding"][0]["code"] for one in resource["category"]] == ["acd", "81335-2"]
    assert resource["provision"]["actor"][0]["reference"]["reference"] == trusted
    assert resource["provision"]["actor"][0]["role"]["coding"][0]["code"] == "NOK"
    assert "action" not in resource["provision"]
    assert resource["verification"] == [
        {"verified": True, "verifiedWith": {"reference": trusted}, "verificationDate": "2026-04-03"}
    ]
    assert resource["policy"][0]["uri"].endswith("L1111-6")


def designated(**fields):
    resource = consent_designation.to_resource(replace(DESIGNATION, **fields))
    validate(resource)
    return resource


@pytest.mark.parametrize(
    ("scope", "text"),
    [
        (Scope.ALL, "Santé et accompagnement médico-social"),
        (Scope.HEALTH, "Santé seulement"),
        (Scope.SOCIAL, "Accompagnement médico-social seulement"),
    ],
)
def test_a_designation_says_for_which_care_it_is(scope, text):
    (code,) = designated(scope=scope)["provision"]["code"]
    assert [(one["system"], one["code"], one["display"]) for one in code["coding"]] == [
        (LOCAL_DESIGNATION_SCOPE, str(scope), text)
    ]


def test_the_limits_that_she_sets_are_an_exception_to_what_she_permits():
    assert "provision" not in designated()["provision"]
    limited = designated(limits="Pas les questions d’argent.")["provision"]
    assert limited["type"] == "permit"
    assert limited["provision"] == [{"type": "deny", "code": [{"text": "Pas les questions d’argent."}]}]


def test_a_designation_that_may_have_been_for_one_stay_says_that_its_end_is_unknown():
    old = Signatures(person_signed_on=date(2023, 4, 1), trusted_signed_on=date(2023, 4, 3))
    doubtful = designated(signatures=old)["provision"]["period"]
    assert doubtful["start"] == "2023-04-03"
    assert [(one["url"], one["valueCode"]) for one in doubtful["_end"]["extension"]] == [
        (EXT_DATA_ABSENT_REASON, "unknown")
    ]
    assert "_end" not in designated(signatures=old, duration=Duration.LASTING)["provision"]["period"]
    assert "_end" not in designated()["provision"]["period"]


def test_directives_say_under_which_text_of_the_law_they_stand():
    text = text_on(date(2019, 1, 1))
    assert {one["policyRule"]["text"] for one in consents(legal_version=text.code)} == {text.title}


@pytest.mark.parametrize("state", [s for s in DesignationState if s not in consent_designation.STATUSES])
def test_what_both_have_not_signed_is_not_shown(state):
    assert not consent_designation.is_shown(replace(DESIGNATION, state=state))
    with pytest.raises(ValueError, match="both have signed"):
        consent_designation.to_resource(replace(DESIGNATION, state=state))


def test_an_ended_designation_is_inactive_with_its_end():
    ended = replace(DESIGNATION, state=DesignationState.REVOKED, ended_on=date(2026, 6, 1))
    resource = consent_designation.to_resource(ended)
    validate(resource)
    assert resource["status"] == "inactive"
    assert resource["provision"]["period"]["end"] == "2026-06-01"
    withdrawn_unsigned = replace(ended, signatures=Signatures())
    assert not consent_designation.is_shown(withdrawn_unsigned)


def test_the_headings_are_wishes_in_words_and_the_copies_stand_beside_the_original():
    *_, heading = consents(model=Model.B, sections={"situations": "Un coma"})
    assert heading["provision"]["code"][0]["text"].endswith(" : Un coma")
    assert heading["provision"]["code"][0]["coding"][0]["code"] == OTHER_SUBJECT
    deposit = Deposit(place=Place.HOSPITAL, where="CH Essai", deposited_on=date(2026, 4, 2), deposited_by="Essai")
    kept = replace(DIRECTIVE, holder=Holder(name="Sa fille"), deposits=(deposit,))
    described = directive_document.to_resource(kept, CARD)["description"]
    assert described == (
        "Original conservé par Sa fille. Copie : Dossier de l’établissement de santé (CH Essai), le 02/04/2026"
    )
