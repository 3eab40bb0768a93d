"""Each row as a function: it allows when each condition holds, and no longer when one of them, any one, does not."""

from collections import Counter
from dataclasses import fields
from uuid import uuid4

import pytest

from accounts.access import rules
from accounts.access.permissions import Permission
from accounts.access.records import Facts, Standing
from accounts.access.rules import ATOMS, ELSEWHERE, MATRIX, Situation, decide
from accounts.access.states import Basis
from accounts.kernel.actor import Actor, Channel, Role
from accounts.kernel.clock import now
from tests.matrix import rows
from tests.matrix.rows import BASES, BY_PAIR, FLAGS, IN_THE_ACT, ROWS, closed, row_codes, situation, witnesses

NEVER_YET = {
    "URLALLOW": "subscriptions of a system, with the partners",
}
"""Codes that nothing makes true yet, each with where it comes: a row with one of them allows nobody."""
GIVEN = {"GRANT", "NOOPP", "SCOPE", "ORG", "REFSEND", "CONSENT", "STEPUP", "AUTHOR", "4EYES", "IDVIG", "OWNKEY"}


HELD = {
    "admin_technique": 24,
    "anonyme": 4,
    "ars_lecteur": 7,
    "benevole_accompagnement": 9,
    "cadre_structure": 48,
    "client_fhir": 70,
    "gestionnaire_dac": 127,
    "gestionnaire_habilitations": 13,
    "infirmier": 110,
    "medecin": 147,
    "referent_confidentialite": 21,
    "samu_regulateur": 24,
    "systeme": 29,
    "travailleur_social": 17,
}
"""How many rights each function has: a line of the table that is lost would else leave every test of its row with it."""


def allows(row, true):
    return decide(Permission(row.permission), situation(row, true)).allowed


def test_the_application_read_the_same_rows():
    groups = {pair: {frozenset(group) for group in row.groups} for pair, row in BY_PAIR.items()}
    assert groups == {(str(role), str(right)): set(condition) for (role, right), condition in MATRIX.items()}
    assert [pair for pair, times in Counter((row.role, row.permission) for row in ROWS).items() if times > 1] == []


def test_no_function_lost_or_gained_a_right_unnoticed():
    assert Counter(row.role for row in ROWS) == HELD


def test_each_code_has_its_witness():
    """A new code needs its line here: what makes it true, or where it will come from."""
    assert set(ELSEWHERE) == IN_THE_ACT
    assert set(ATOMS) == set(BASES) | set(FLAGS) | GIVEN | {code for code in NEVER_YET if code in ATOMS}
    never = Situation(Actor(role=Role.SYSTEM, channel=Channel.WEB), Facts(type="x"), Standing(), now())
    assert [code for code in NEVER_YET if code in ATOMS and ATOMS[code](never)] == []


def test_what_nothing_makes_true_yet_cannot_be_true():
    """Else its excuse is stale: no fact, said true, makes it so."""
    told = {one.name: True for one in fields(Facts) if one.type is bool}
    assert len(told) > 5
    actor = Actor(role=Role.FHIR_CLIENT, channel=Channel.FHIR, id=uuid4())
    seen = Situation(actor, Facts(type="x", id=actor.id, **told), Standing(bases=frozenset(Basis)), now())
    assert [code for code in NEVER_YET if ATOMS[code](seen)] == []


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_row_holds_as_written(row):
    for chosen in witnesses(row):
        true = chosen | {"NOOPP"}
        if set(NEVER_YET) & chosen:
            assert not allows(row, true), f"{row} allows, though {set(NEVER_YET) & chosen} is not there yet"
            continue
        assert allows(row, true), f"{row} does not allow with {sorted(true)}"
        assert not decide(Permission(row.permission), rows.opposed(situation(row, true))).allowed
        for code in chosen:
            left = closed({one for one in chosen if code not in closed({one})}) | {"NOOPP"}
            if code == "NOOPP" or row.holds(left):
                continue
            assert not allows(row, left), f"{row} allows without {code}, with {sorted(left)}"


@pytest.mark.parametrize("role", list(Role))
def test_what_is_not_written_is_denied(role):
    """Even when all the rest holds."""
    everything = set(BASES) | set(FLAGS) | GIVEN
    for permission in Permission:
        row = BY_PAIR.get((role, permission)) or rows.Row(role, permission, ())
        seen = situation(row, everything)
        allowed = decide(permission, seen).allowed
        written = (role, permission) in BY_PAIR and not set(NEVER_YET) & row_codes(row)
        broke_glass = any(
            (one, permission) in BY_PAIR and "BG" in row_codes(BY_PAIR[one, permission]) for one in ["samu_regulateur"]
        )
        assert allowed == written or (broke_glass and (role, "break_glass.open") in BY_PAIR), (role, permission)


@pytest.mark.parametrize("basis", sorted(Basis))
def test_one_basis_opens_what_it_names_and_no_more(basis):
    """By a standing alone, and nothing else true, a right is given only when its row asks for nothing but standings."""
    codes = closed({code for code, one in BASES.items() if one == basis}) | {"NOOPP"}
    held = {code for code in codes if code in BASES or code == "NOOPP"}
    for row in ROWS:
        if "BG" in codes and (row.role, "break_glass.open") in BY_PAIR:
            continue  # the emergency set has its own tests
        assert allows(row, held) == row.holds(held), f"{row} on {basis}"


def test_the_rows_of_the_portal_wait_for_it():
    """The person and her trusted person have no function here: no account can be given theirs, no row names them."""
    for word in ("patient", "personne_de_confiance"):
        with pytest.raises(ValueError, match="not a valid Role"):
            Role(word)
        assert [row for row in ROWS if row.role == word] == []


def test_a_fact_about_another_never_serves():
    """A recipient, a sender or an owner of another organisation is nobody's right, whatever the standing."""
    for row in ROWS:
        about_objects = {"ORG", "REFSEND"} & {group[0] for group in row.decisive if len(group) == 1}
        if about_objects:
            everything = (set(BASES) | set(FLAGS) | GIVEN) - about_objects
            assert not allows(row, everything), row


def test_rules_of_the_table_are_not_read_from_a_name_of_ours(tmp_path):
    """The independent reader really reads: another line gives another row."""
    path = tmp_path / "matrix.tsv"
    path.write_text(
        "# a comment\nrole\tobject\taction\tdecision\tcondition\nmedecin\tppa\tlist\tallow\tCIRCLE|ORG+NOOPP\n"
    )
    assert rows.read(path) == [rows.Row("medecin", "ppa.list", (("CIRCLE", "ORG"), ("NOOPP",)))]
    assert rules.TABLES == ("matrix.tsv", "matrix_own.tsv")
    assert uuid4() not in (rows.OURS, rows.OTHER)
