"""The rights matrix as a pure function."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.access.permissions import Permission
from accounts.access.records import Facts, FieldSet, Standing
from accounts.access.rules import (
    ATOMS,
    ELSEWHERE,
    EMERGENCY_SET,
    MANDATED,
    MATRIX,
    Situation,
    bases_for,
    category_of,
    closed_by,
    decide,
    is_exact_only,
    opened_categories,
    parse,
    scope_grants,
)
from accounts.access.states import ACCEPTED, ADDRESSED, CIRCLE, SHAREABLE, TEAM, VISIBLE, Basis, Category
from accounts.kernel.actor import Actor, Channel, Role
from accounts.kernel.clock import now

ORG, OTHER = uuid4(), uuid4()
PHYSICIAN = Actor(role=Role.PHYSICIAN, channel=Channel.WEB, id=uuid4(), organisation_id=ORG, authenticated_at=now())
IN_CIRCLE = Standing(bases=frozenset({Basis.SAME_TEAM}))


def decision(permission, actor=PHYSICIAN, standing=IN_CIRCLE, at=None, **facts):
    return decide(permission, Situation(actor, Facts(type="x", **facts), standing, at or now()))


def test_every_right_of_the_matrix_has_a_name_and_every_name_a_row():
    assert {permission for _, permission in MATRIX} <= set(Permission)
    nobody = set(Permission) - {permission for _, permission in MATRIX}
    forbidden_to_all = {
        "delete",
        "update_past",
        "update_validated",
        "reopen_terminal_state",
        "update_other_org",
        "update",
        "read_payload",
        "update_ins_qualified",
        "update_others",
        "direct_url_without_session",
        "history_system_level",
        "export_bulk",
        "read_all_orgs",
    }
    assert {permission.split(".")[1] for permission in nobody} <= forbidden_to_all | {"read_own_patient_trail"}


def test_an_unknown_condition_stops_the_process():
    with pytest.raises(ValueError, match="Unknown conditions"):
        parse("CIRCLE+TYPO")


def test_or_binds_tighter_than_and():
    assert parse("SCOPE+REFSEND|REFRECV") == (frozenset({"SCOPE"}), frozenset({"REFSEND", "REFRECV"}))


@given(st.sampled_from(sorted(MATRIX)), st.sets(st.sampled_from(list(Basis))))
def test_an_opposition_wins_over_every_allow(pair, bases):
    role, permission = pair
    actor = replace(PHYSICIAN, role=role)
    standing = Standing(bases=frozenset(bases), opposed=True)
    assert not decision(permission, actor, standing, person_id=uuid4()).allowed


@given(st.sampled_from(list(Role)), st.sampled_from(list(Permission)))
def test_a_pair_absent_from_the_matrix_is_denied(role, permission):
    if (role, permission) not in MATRIX:
        assert not decision(permission, replace(PHYSICIAN, role=role)).allowed
        assert bases_for(role, permission) == frozenset()


@given(st.sampled_from(sorted(MATRIX)))
def test_outside_the_circle_no_clinical_right_is_given(pair):
    role, permission = pair
    condition = MATRIX[pair]
    if any(group <= {"CIRCLE", "VISIBLE", "TEAM"} for group in condition):
        assert not decision(permission, replace(PHYSICIAN, role=role), Standing()).allowed


def test_signing_needs_a_fresh_sign_in_a_draft_and_the_circle():
    signing = replace(PHYSICIAN, authenticated_at=now())
    assert decision(Permission.PPA_VALIDATE_SIGN, signing, is_draft=True).allowed
    assert decision(Permission.PPA_VALIDATE_SIGN, signing, is_draft=True, at=now() + timedelta(minutes=6)).failing == (
        "STEPUP",
    )
    assert decision(Permission.PPA_VALIDATE_SIGN, signing, is_draft=False).failing == ("DRAFT",)
    assert not decision(Permission.PPA_VALIDATE_SIGN, replace(PHYSICIAN, role=Role.NURSE), is_draft=True).allowed


def test_a_sharing_consent_must_cover_every_addressee():
    covered = Standing(bases=IN_CIRCLE.bases, consented_to=frozenset({OTHER}))
    assert decision(
        Permission.REFERRAL_SEND, standing=covered, organisation_id=ORG, addressed_to=frozenset({OTHER})
    ).allowed
    more = frozenset({OTHER, uuid4()})
    assert decision(Permission.REFERRAL_SEND, standing=covered, organisation_id=ORG, addressed_to=more).failing == (
        "CONSENT",
    )
    assert not decision(Permission.REFERRAL_SEND, standing=covered, organisation_id=ORG).allowed


def test_lists_take_the_same_bases_as_objects():
    assert bases_for(Role.PHYSICIAN, Permission.PATIENT_IDENTITY_SEARCH_LIST) == VISIBLE
    assert bases_for(Role.PHYSICIAN, Permission.PPA_LIST) == CIRCLE
    assert bases_for(Role.PHYSICIAN, Permission.REFERRAL_LIST_INCOMING) is None
    assert bases_for(Role.EMERGENCY_DISPATCHER, Permission.PATIENT_IDENTITY_SEARCH_LIST) == {Basis.BREAK_GLASS}


@pytest.mark.parametrize(
    ("scopes", "interaction", "granted"),
    [
        ({"system/Patient.rs"}, "Patient.r", True),
        ({"system/Patient.rs"}, "Patient.c", False),
        ({"system/*.cruds"}, "Task.u", True),
        ({"system/Patient.rs"}, "Task.r", False),
        (set(), "Patient.r", False),
        ({"system/Patient.rs"}, "Patient.", False),
    ],
)
def test_scopes_narrow(scopes, interaction, granted):
    assert scope_grants(frozenset(scopes), interaction) is granted


def test_each_condition_code_is_evaluated_once():
    assert not set(ATOMS) & set(ELSEWHERE)


BROKEN = Standing(bases=frozenset({Basis.BREAK_GLASS}), break_glass_id=uuid4())
DISPATCHER = replace(PHYSICIAN, role=Role.EMERGENCY_DISPATCHER)
READINGS = ("read", "search", "print_export", "download")


def test_only_the_samu_has_rows_for_broken_glass():
    assert {role for (role, _), condition in MATRIX.items() if any("BG" in group for group in condition)} == {
        Role.EMERGENCY_DISPATCHER
    }


@pytest.mark.parametrize("permission", sorted(EMERGENCY_SET))
def test_a_physician_who_broke_the_glass_reads_what_the_samu_reads(permission):
    opened = decision(permission, standing=BROKEN, clean=True)
    assert (opened.allowed, opened.rule, opened.fields) == (True, "BG", FieldSet.EMERGENCY)
    assert not decision(permission, replace(PHYSICIAN, role=Role.NURSE), BROKEN, clean=True).allowed


def test_the_samu_reads_what_an_emergency_needs_wherever_else_it_stands():
    both = replace(BROKEN, bases=BROKEN.bases | {Basis.COORDINATION})
    assert decision(Permission.PPA_READ_VALIDATED, DISPATCHER, both).fields == FieldSet.EMERGENCY


def test_break_glass_opens_readings_only():
    assert len(EMERGENCY_SET) > 8
    assert all(permission.split(".")[1].startswith(READINGS) for permission in EMERGENCY_SET)


@given(st.sampled_from(sorted(MATRIX)), st.sets(st.sampled_from(sorted(set(Basis) - CIRCLE))))
def test_break_glass_adds_the_emergency_set_and_nothing_else(pair, bases):
    """To whoever may break the glass; to all others it is as if it were not there."""
    role, permission = pair
    actor = replace(PHYSICIAN, role=role)
    clean = {"person_id": uuid4(), "clean": True}
    without = decision(permission, actor, Standing(bases=frozenset(bases - {Basis.BREAK_GLASS})), **clean)
    broken = decision(permission, actor, Standing(bases=frozenset(bases | {Basis.BREAK_GLASS})), **clean)
    may_break = (role, Permission.BREAK_GLASS_OPEN) in MATRIX
    if may_break and permission in EMERGENCY_SET:
        assert broken.allowed
        assert broken.fields == FieldSet.EMERGENCY
    else:
        assert broken == without


@pytest.mark.parametrize("permission", sorted(EMERGENCY_SET))
def test_a_refusal_of_emergency_access_wins_over_break_glass(permission):
    refused = replace(BROKEN, refuses_emergency=True)
    assert decision(permission, DISPATCHER, BROKEN, clean=True).allowed
    assert not decision(permission, DISPATCHER, refused, clean=True).allowed


def test_a_refusal_of_emergency_access_leaves_the_circle_alone():
    standing = replace(IN_CIRCLE, refuses_emergency=True)
    assert decision(Permission.PPA_READ_VALIDATED, standing=standing).fields == FieldSet.FULL


def test_in_her_circle_a_physician_reads_the_whole_even_with_broken_glass():
    both = Standing(bases=frozenset({Basis.SAME_TEAM, Basis.BREAK_GLASS}))
    assert decision(Permission.PPA_READ_VALIDATED, standing=both).fields == FieldSet.FULL


def test_who_only_knows_her_reads_the_least_and_more_once_he_broke_the_glass():
    known = Standing(bases=frozenset({Basis.KNOWN}))
    reading = Permission.PATIENT_IDENTITY_READ
    assert decision(reading, standing=known).fields == FieldSet.MINIMUM
    assert decision(reading, standing=replace(known, bases=known.bases | BROKEN.bases)).fields == FieldSet.EMERGENCY
    assert decision(reading, standing=IN_CIRCLE).fields == FieldSet.FULL


def test_opening_needs_an_exact_identity_both_factors_just_given_and_no_refusal():
    opening = Permission.BREAK_GLASS_OPEN
    found = {"found_exactly": True, "person_id": uuid4()}
    dispatcher, physician = (replace(one, authenticated_at=now()) for one in (DISPATCHER, PHYSICIAN))
    assert decision(opening, dispatcher, Standing(), **found).allowed
    assert not decision(opening, dispatcher, Standing(), person_id=uuid4()).allowed
    assert not decision(opening, dispatcher, Standing(), at=now() + timedelta(minutes=6), **found).allowed
    assert not decision(opening, dispatcher, Standing(refuses_emergency=True), **found).allowed
    assert not decision(opening, physician, Standing(), **found).allowed
    assert decision(opening, physician, Standing(), at_emergency=True, **found).allowed


def test_every_right_about_a_person_names_the_data_it_is_about():
    """A right that only a refusal of all closes: those below are about no data of a person's file."""
    apart = {
        "document", "access_log", "bed_availability", "structure_directory", "fhir_client", "fhir_operation",
        "outbox_dead_letter", "outbox_queue", "user_account", "break_glass", "statistics", "retention_purge",
        "guest_access", "trusted_person_link",
    }  # fmt: skip
    of_none = {right.partition(".")[0] for right in Permission if closed_by(right) == {Category.ALL}}
    assert of_none <= apart


def test_an_agreement_to_one_category_opens_no_other():
    plan_only = Standing(partial=frozenset({(Basis.CONSENT, Category.PLAN), (Basis.CONSENT, Category.IDENTITY)}))
    assert decision(Permission.PPA_READ_VALIDATED, standing=plan_only).allowed
    assert decision(Permission.PATIENT_IDENTITY_READ, standing=plan_only).allowed
    assert not decision(Permission.ADVANCE_DIRECTIVE_READ_CONTENT, standing=plan_only).allowed
    assert not decision(Permission.COORDINATION_FILE_READ, standing=plan_only).allowed


@given(st.sampled_from(sorted(MATRIX)), st.sampled_from(SHAREABLE))
def test_a_refusal_of_one_category_closes_its_rights_and_no_other(pair, refused):
    role, permission = pair
    actor = replace(PHYSICIAN, role=role)
    before = decision(permission, actor, IN_CIRCLE, person_id=uuid4())
    after = decision(permission, actor, replace(IN_CIRCLE, refused=frozenset({refused})), person_id=uuid4())
    assert after.allowed == (before.allowed and refused not in closed_by(permission))


def test_a_right_is_about_the_data_of_its_object_unless_it_names_its_own():
    assert category_of(Permission.PPA_READ_VALIDATED) == Category.PLAN
    assert category_of(Permission.PPA_READ_WHAT_MATTERS) == Category.WHAT_MATTERS
    assert category_of(Permission.PPA_READ_SOCIAL_SECTIONS) == Category.SOCIAL
    assert category_of(Permission.PPA_UPDATE_DRAFT_SOCIAL_SECTION) == Category.SOCIAL
    assert category_of(Permission.BREAK_GLASS_OPEN) == Category.ALL


def test_a_right_is_closed_by_the_refusal_of_all_and_of_its_own_data():
    assert closed_by(Permission.PPA_READ_VALIDATED) == {Category.ALL, Category.PLAN}
    assert closed_by(Permission.EMERGENCY_SHEET_READ) == {Category.ALL, Category.PLAN, Category.DIRECTIVES}


@pytest.mark.parametrize("refused", SHAREABLE)
def test_a_sheet_made_of_several_parts_is_closed_by_the_refusal_of_each(refused):
    standing = replace(IN_CIRCLE, refused=frozenset({refused}))
    reads = decision(Permission.EMERGENCY_SHEET_READ, standing=standing).allowed
    assert reads == (refused not in {Category.PLAN, Category.DIRECTIVES})


def test_a_standing_counts_for_the_category_that_each_part_of_it_names():
    told = Standing(partly_consented_to=frozenset({(OTHER, Category.PLAN)}))
    assert told.towards(Category.PLAN, closed_by=frozenset()).consented_to == {OTHER}
    assert told.towards(Category.SOCIAL, closed_by=frozenset()).consented_to == frozenset()


def test_a_standing_is_worked_out_once_for_a_category_and_not_at_all_when_nothing_is_told_of_parts():
    told = Standing(partial=frozenset({(Basis.CONSENT, Category.PLAN)}))
    asked = {"category": Category.PLAN, "closed_by": frozenset({Category.ALL})}
    assert told.towards(**asked) is told.towards(**asked)
    assert IN_CIRCLE.towards(**asked) is IN_CIRCLE


def test_a_refusal_of_all_stays_beside_that_of_another_category():
    refused = Standing(opposed=True, refused=frozenset({Category.SOCIAL}))
    assert refused.towards(Category.PLAN, closed_by=frozenset({Category.PLAN})).opposed


AT = now()


def holds(code, *, actor=None, standing=None, **facts):
    """Tell whether one code holds, of a physician of `ORG` who stands nowhere, unless told otherwise."""
    seen = Situation(replace(PHYSICIAN, **actor or {}), Facts(type="x", **facts), Standing(**standing or {}), AT)
    return ATOMS[code](seen)


ME, THIS = PHYSICIAN.id, frozenset({ORG})
BY_SYSTEM = {"channel": Channel.FHIR, "scopes": frozenset({"system/Task.u"}), "interaction": "Task.u"}
KNOWN = {"bases": frozenset({Basis.KNOWN})}
ASKED = {"bases": frozenset({Basis.ADDRESSED_REFERRAL})}
NOBODY = {"id": None}
FACETS = [
    ("SCOPE", {"actor": BY_SYSTEM}, [{"actor": {**BY_SYSTEM, "channel": Channel.WEB}}, {"actor": {"channel": Channel.FHIR}}]),
    ("REFRECV", {"standing": ASKED, "recipient_ids": THIS}, [
        {"recipient_ids": THIS}, {"standing": KNOWN, "recipient_ids": THIS}, {"standing": ASKED, "recipient_ids": frozenset({OTHER})},
    ]),
    ("REFRECV", {"standing": ASKED}, [{"standing": KNOWN}]),
    ("CONSENT", {"addressed_to": THIS, "standing": {"consented_to": THIS}}, [{"standing": {"consented_to": THIS}}, {"addressed_to": THIS}]),
    ("STEPUP", {"actor": {"authenticated_at": AT}}, [
        {"actor": {"authenticated_at": None}}, {"actor": {"authenticated_at": AT + timedelta(hours=1)}},
        {"actor": {"authenticated_at": AT - timedelta(minutes=6)}},
    ]),
    ("AUTHOR", {"author_id": ME}, [{"author_id": OTHER}, {"actor": NOBODY}]),
    ("GRANT", {"granted_to": frozenset({ME})}, [{"granted_to": frozenset({OTHER})}, {"actor": NOBODY}]),
    ("4EYES", {"asked_by": OTHER}, [{"asked_by": ME}, {"actor": NOBODY, "asked_by": OTHER}, {}]),
    ("TREATCLAIM", {"treating_claim": True, "standing": KNOWN}, [{"treating_claim": True}, {"standing": KNOWN}]),
    ("OWNKEY", {"signed_with_own_key": True, "id": ME}, [
        {"signed_with_own_key": True, "id": OTHER}, {"id": ME}, {"signed_with_own_key": True, "actor": NOBODY},
    ]),
    ("BGOPEN", {"found_exactly": True, "actor": {"authenticated_at": AT}}, [
        {"actor": {"authenticated_at": AT}}, {"found_exactly": True, "actor": {"authenticated_at": None}},
        {"found_exactly": True, "actor": {"authenticated_at": AT}, "standing": {"refuses_emergency": True}},
    ]),
]  # fmt: skip
"""Codes that look at several things: what makes each hold, then the same with one of them amiss."""


@pytest.mark.parametrize(("code", "right", "amiss"), FACETS, ids=[code for code, *_ in FACETS])
def test_a_code_holds_when_each_thing_that_it_looks_at_does(code, right, amiss):
    assert holds(code, **right)
    assert [one for one in amiss if holds(code, **one)] == []


def test_absent_facts_and_no_standing_satisfy_nothing():
    unknown = {"authenticated_at": None, "organisation_id": ORG}
    assert [code for code in ATOMS if holds(code, actor=unknown)] == ["NOOPP"]


LISTED = {
    "VISIBLE": VISIBLE, "CIRCLE": CIRCLE, "TEAM": TEAM, "REFRECV": ADDRESSED, "REFSTUDY": ADDRESSED, "REFACC": ACCEPTED,
    "BG": {Basis.BREAK_GLASS}, "CLEAN": None,
}  # fmt: skip


@pytest.mark.parametrize(("code", "bases"), LISTED.items(), ids=LISTED)
def test_a_condition_on_standings_lists_by_those_that_it_names(monkeypatch, code, bases):
    monkeypatch.setitem(MATRIX, (Role.PHYSICIAN, Permission.PPA_LIST), parse(code))
    assert bases_for(Role.PHYSICIAN, Permission.PPA_LIST) == bases


def test_nothing_opens_the_address_of_a_subscription_yet():
    assert not holds("URLALLOW")


def test_two_conditions_on_standings_list_what_meets_both(monkeypatch):
    pair = (Role.PHYSICIAN, Permission.PPA_LIST)
    monkeypatch.setitem(MATRIX, pair, parse("VISIBLE|REFRECV+TEAM|REFRECV+CLEAN"))
    assert bases_for(*pair) == {*TEAM, *ADDRESSED}
    monkeypatch.setitem(MATRIX, pair, parse("TEAM|REFRECV+VISIBLE|REFRECV"))
    assert bases_for(*pair) == {*TEAM, *ADDRESSED}
    monkeypatch.setitem(MATRIX, pair, parse("TEAM|CLEAN"))
    assert bases_for(*pair) is None


def test_an_answer_says_the_words_of_its_row():
    assert decision(Permission.PPA_READ_VALIDATED).rule == "CIRCLE+NOOPP"
    assert decision(Permission.BREAK_GLASS_LIST_OWN).rule == "allow"
    assert decision(Permission.REFERRAL_READ_MINIMUM_DATASET).failing == ("REFRECV|REFSEND",)


def test_functions_of_identity_vigilance_and_rights_for_whole_identities_are_those_of_the_rows():
    assert {Role.COORDINATOR, Role.PHYSICIAN} == MANDATED
    assert is_exact_only(Role.EMERGENCY_DISPATCHER, Permission.PATIENT_IDENTITY_SEARCH_LIST)
    assert not is_exact_only(Role.PHYSICIAN, Permission.PATIENT_IDENTITY_SEARCH_LIST)
    assert not is_exact_only(Role.NURSE, Permission.BREAK_GLASS_LIST_OWN)


def test_an_agreement_opens_the_identity_with_each_part_and_the_whole_alone():
    assert opened_categories(["plan"]) == [Category.IDENTITY, Category.PLAN]
    assert opened_categories(["plan", "all"]) == [Category.ALL]
