"""Each row through every door it has: who may passes, who may not is turned away, and what the gate noted is what the row says.

Doors are found where the application finds them: routes, commands, FHIR types. A new one is knocked at by itself.
"""

from collections.abc import Iterator
from itertools import product

import pytest

from accounts.kernel.actor import Role
from accounts.people.rules import OID_TEST
from tests.factories import fhir, people
from tests.matrix import rows
from tests.matrix.rows import BY_PAIR, ROWS, Row, row_codes
from tests.matrix.test_rows import NEVER_YET
from tests.matrix.walks import WALKED
from tests.matrix.world import PEOPLE, Act, Call, Door, Place, Reading, Screen, Search, Seen, Visitor, World, doors
from tests.support import tree

pytestmark = [pytest.mark.django_db, pytest.mark.once]
DOORS = doors()


PERSON, SEARCH, CIRCLE = "personnes/<uuid:person_id>/", "personnes/recherche/", "personnes/<uuid:person_id>/cercle/"
LINE = "demandes/lignes/<uuid:line_id>/"
ASKED_ELSEWHERE = {
    "advance_directive.download_file": ["documents/<uuid:document_id>/"],
    "advance_directive.read_content": ["personnes/<uuid:person_id>/directives/<uuid:directive_id>/"],
    "bed_availability.read": ["structures/"],
    "consent_opposition.read": [CIRCLE],
    "eri_sp_alert.read_progress": [PERSON],
    "emergency_sheet.list": [""],
    "fhir_client.list": ["systeme/"],
    "outbox_dead_letter.read_metadata": ["systeme/"],
    "plan_proposal.list": ["dossiers/"],
    "ppa.list": [""],
    "referral.read_full_dossier": [LINE],
    "statistics.read_aggregate_region": ["statistiques/"],
    "relative.read": [PERSON],
    "visit.read": [PERSON],
    "visit.read_own": [PERSON],
    "ppa.read_what_matters": [PERSON],
}
"""Pages that ask for another right than the one by which they let a function in."""
PARTS = [
    Screen(CIRCLE, "break_glass.read_trace", shows="(bris de glace)"),
    Screen(CIRCLE, "circle_membership.history", shows="Anciens membres du cercle de soins"),
    Screen(PERSON, "referral.read_progress", shows="· envoyée le"),
]
"""Parts of a page, for which the gate is asked without a trace."""
SEARCHES = [
    Search(SEARCH, "patient_identity.search_list"),
    Search(SEARCH, "patient_identity.search_exact_ins", by_number=True),
    Search("urgence/", "break_glass.find"),
]


def doors_of(row: Row) -> list[Door]:
    also = [Screen(pattern, row.permission) for pattern in ASKED_ELSEWHERE.get(row.permission, ())]
    every = [*DOORS, *also, *PARTS, *SEARCHES, *SYSTEM_DOORS]
    return [door for door in every if row.permission == door.permission and suits(door, row.role)]


SYSTEM_DOORS = [
    Call("access_log.read_own_accesses", lambda partner, ids: partner.get("AuditEvent?_count=1"), names_something=False),
    Call("advance_directive.download_file", lambda partner, ids: partner.get(f"Binary/{ids['document_id']}")),
    Call("fhir_operation.metadata", lambda partner, ids: partner.get("metadata"), names_something=False),
    Call("fhir_operation.transaction_bundle", lambda partner, ids: partner.post("", fhir.announcement_bundle(people.registration())), names_something=False),
    Call("fhir_operation.search_include_revinclude", lambda partner, ids: partner.get(f"CarePlan?patient={ids['person_id']}&_include=CarePlan:subject")),
    Call("fhir_operation.conditional_create_update", lambda partner, ids: partner.post("Patient", fhir.patient(people.registration()), if_none_exist="identifier=urn:oid:1.2.250.1.213.1.4.10|255032100000100"), names_something=False),
    Call("patient_identity.search_exact_ins", lambda partner, ids: partner.search("Patient", identifier=f"urn:oid:{OID_TEST}|{ids['ins']}")),
    Call("patient_identity.search_list", lambda partner, ids: partner.get(f"Patient?_id={ids['person_id']}")),
]  # fmt: skip
"""What a system asks of the whole server."""
ASKED_AT_THE_DOOR = {
    "fhir_operation.metadata",
    "fhir_operation.conditional_create_update",
    "fhir_operation.search_include_revinclude",
    "user_account.open_own_desk",
    "user_account.see_as",
}
"""Rights that only let in: the table itself is asked, or the scopes of a system, without a question to the gate."""


def suits(door: Door, role: str) -> bool:
    """People come by pages and commands, systems by FHIR and commands, the clock by commands."""
    if door.permission == "fhir_operation.metadata":
        return True  # it is everybody's
    if role == Role.FHIR_CLIENT:
        return isinstance(door, Act | Reading | Call)
    return isinstance(door, Act) or (isinstance(door, Screen | Search) and role in PEOPLE)


def visitors(row: Row, world: World, door: Door) -> Iterator[Visitor]:
    """Give one visitor of the role for each way in which the conditions of the row may stand at a door."""
    known = set()
    alternatives = [(False, True), (True, True), (False, False)] if row.role != Role.SYSTEM else [(False, True)]
    mandates = (True, False) if "IDVIG" in row_codes(row) else (False,)
    for place, mandated, (stale, scoped) in product(Place, mandates, alternatives):
        visitor = Visitor(Role(row.role), place, stale=stale, scoped=scoped, mandated=mandated)
        true = world.truths(row.permission, visitor, door.name)
        way = (*(bool(set(group) & true) for group in row.decisive), world.refused(row.permission, visitor))
        if way not in known:
            known.add(way)
            yield visitor


KNOWN_OBJECTS = {
    "advance_directive", "announcement", "anticipated_crisis", "bed_availability", "coordination_file", "document", "emergency_sheet", "eri_sp_alert", "patient_identity",
    "plan_proposal", "ppa", "referral", "referral_message", "relative", "stay", "structure_directory", "trusted_person",
}  # fmt: skip
"""Objects that the world has: for these, whoever should pass and is turned away is a fault too."""


def thing_of(row: Row) -> str:
    return row.permission.split(".")[0]


def wrongs(door: Door, visitor: Visitor, seen: Seen, world: World) -> list[str]:
    """Return what differs from the table: each decision that was noted, and an entry that no right explains."""
    found = []
    for entry in seen.entries:
        row = BY_PAIR.get((entry.actor.role, str(entry.action)))
        if "." in entry.action and str(entry.outcome) == "allowed" and row is None:
            found.append(f"{entry.action} allowed without a row")
    row = BY_PAIR.get((visitor.role, door.permission))
    expected = row is not None and world.expects(row, visitor, door.name)
    decisions = seen.decisions(door.permission)
    here = row is not None and (row.permission in KNOWN_OBJECTS or thing_of(row) in KNOWN_OBJECTS)
    if decisions and set(decisions) != {expected} and (here or any(decisions)):
        found.append(f"decided {decisions}, not {expected}")
    if seen.opened and door.names_something and not expected and not seen.rests_on() - {door.permission}:
        found.append(f"open without a right: {seen.status}")
    if seen.told and not expected and not seen.rests_on() - {door.permission}:
        found.append("tells of the person")
    return [f"{door.name} for {visitor.role} at {visitor.place.name}: {one}" for one in found]


BRIDGE = "systems read it through the resources of a person, which are knocked at"
LISTED = "a system searches the resources, which are knocked at one by one"
PEOPLE_ONLY = "people have no door to the FHIR server"
NO_PAPERS = "no documents but those of directives, designations and plans: issue 4"
NO_DOOR = {
    "access_log.export_for_judicial_request": "no code makes an export for a judge",
    "document.download-client_fhir": NO_PAPERS,
    "document.list-cadre_structure": NO_PAPERS,
    "document.list-gestionnaire_dac": NO_PAPERS,
    "document.list-infirmier": NO_PAPERS,
    "document.list-medecin": NO_PAPERS,
    "document.upload": NO_PAPERS,
    "eri_sp_alert.list-client_fhir": LISTED,
    "fhir_operation.everything_patient": "the operation is not offered",
    "fhir_operation.search_chained_has": "no chain is declared: each is answered 400 by its name",
    "outbox_dead_letter.discard": "a stopped piece of work is retried, never thrown away",
    "outbox_dead_letter.read_metadata-client_fhir": "no queue is shown to a system",
    "patient_identity.read_ins_full": "the number is shown with the identity; asked alone where two records are compared: to settle",
    "ppa.history-client_fhir": "a system reads the signed versions as CarePlan resources, each of which is knocked at",
    "ppa.list-client_fhir": LISTED,
    "referral.history": "the history stands on the page of the request",
    "referral.list_incoming-client_fhir": LISTED,
    "referral.list_outgoing-client_fhir": LISTED,
    "referral.read_full_dossier-client_fhir": BRIDGE,
    "referral.read_progress-client_fhir": BRIDGE,
    "referral_message.read": "the messages stand on the page of the request and of its line",
    "stay.list-client_fhir": LISTED,
    "trusted_person.open_portal_access": "the portal: a later issue",
    **{
        f"fhir_operation.{one}-{role}": PEOPLE_ONLY
        for one in ("search_include_revinclude", "transaction_bundle")
        for role in (Role.COORDINATOR, Role.NURSE, Role.PHYSICIAN)
    },
}  # fmt: skip
"""Rights, or one function's, without a door of their own, each with the reason."""
OFFICER = "the officer's own screens: the circle's page also names who stands in it"
SHUT = {
    "circle_membership.history-referent_confidentialite": OFFICER,
    "consent_opposition.read-client_fhir": "no resource tells of an agreement to share",
    "consent_opposition.read-referent_confidentialite": OFFICER,
    "document.download-cadre_structure": NO_PAPERS,
    "referral_message.create-cadre_structure": "a structure writes in its answer: request_info",
    "statistics.read_aggregate_own_org-ars_lecteur": "who reads the region reads its structures by that right",
}
"""One function's rights whose doors are other functions', each with the reason."""
PORTAL = ("patient", "personne_de_confiance")
WIDENED: dict[tuple[str, str], str] = {}
"""Pairs that the customer's table denies and ours allows, each with its reason: to be settled with the customer."""
NOT_BUILT = {
    "backup": "made from the console, by who holds the keys",
    "clinical_note": "issue 4",
    "crypto_key": "changed from the console, by who holds the keys",
    "notification_email": "no right is asked when a mail leaves: whom each sender mails is in test_mails.py",
    "system_config": "the configuration is the environment of the process",
    "task_agenda": "a later issue",
}
"""Objects of the customer's table that have rows still to come, each with where they come from."""


def names_of(row: Row) -> set[str]:
    """Return the names by which a table may mean a row."""
    return {row.permission, f"{row.permission}-{row.role}"}


EXCUSES = {**NO_DOOR, **SHUT, **WALKED}


def excuses(row: Row) -> list[str]:
    """Return why nobody passes at a door of a row: it has none of its own, a test walks it, or nothing makes it true yet."""
    named = [EXCUSES[name] for name in names_of(row) & set(EXCUSES)]
    return [*named, *(NEVER_YET[code] for code in row_codes(row) & set(NEVER_YET))]


def passes(door: Door, row: Row, visitor: Visitor, seen: Seen, world: World) -> bool:
    """Tell whether somebody whom the row lets in went through a door by the right of the row."""
    is_untraced = door in PARTS or row.permission in ASKED_AT_THE_DOOR
    by_it = is_untraced or row.permission in seen.rests_on()
    return seen.opened and by_it and world.expects(row, visitor, door.name)


@pytest.mark.thorough
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_row_at_its_doors(world, row):
    found, passed = [], 0
    for door in doors_of(row):
        for visitor in visitors(row, world, door):
            seen = door.knock(world, visitor)
            found += wrongs(door, visitor, seen, world)
            passed += passes(door, row, visitor, seen, world)
    assert not found, "\n".join(found)
    reasons = excuses(row)
    assert passed or reasons, f"nobody passes {[door.name for door in doors_of(row)]}"
    is_walked = bool(names_of(row) & set(WALKED))  # a chance value may let it pass here too
    assert is_walked or not (passed and reasons), f"somebody passes: no longer {reasons}"


@pytest.mark.thorough
@pytest.mark.parametrize("role", [*PEOPLE, Role.FHIR_CLIENT, Role.SYSTEM])
def test_no_door_opens_to_a_function_without_a_row(world, role):
    visitor = Visitor(role, Place.TEAM)
    found = []
    for door in DOORS:
        if suits(door, role) and (role, door.permission) not in BY_PAIR:
            seen = door.knock(world, visitor)
            found += wrongs(door, visitor, seen, world)
            found += [f"{door.name}: {seen.status}"] if seen.opened else []
    assert not found, "\n".join(found)


def test_each_excuse_is_of_a_row_and_stands():
    """Each means some row; what has no door has none, what is shut has one, and what is walked is by a test that is there."""
    doors_by = {name: [doors_of(row) for row in ROWS if name in names_of(row)] for name in EXCUSES}
    assert [name for name, meant in doors_by.items() if not meant] == []
    assert [name for name in NO_DOOR if any(doors_by[name])] == []
    assert [name for name in SHUT if not all(doors_by[name])] == []
    assert len(EXCUSES) == len(NO_DOOR) + len(SHUT) + len(WALKED)
    tests = [test.partition("[")[0].partition("::") for test in WALKED.values()]
    assert [name for path, _, name in tests if not tree.has_test(tree.ROOT / path, name)] == []


@pytest.mark.shared
def test_the_customer_s_matrix_is_ours_where_its_object_is_here(shared):
    """What is allowed there is allowed here under the same condition; what is denied there is denied here too."""
    table = shared / "authz_matrix.tsv"
    theirs = {(row.role, row.permission): row.groups for row in rows.read(table)}
    lines = [
        line.split("\t") for line in table.read_text("utf-8").splitlines() if line.count("\t") == 4 and line[0] != "#"
    ]
    denied = {(line[0], f"{line[1]}.{line[2]}") for line in lines if line[3] == "deny"}
    ours = {(row.role, row.permission): row.groups for row in rows.read(rows.HERE / "matrix.tsv")}
    assert [pair for pair, groups in ours.items() if theirs.get(pair) != groups] == []
    assert set(BY_PAIR) & denied == set(WIDENED)
    missing = {pair for pair in set(theirs) - set(ours) if pair[0] not in PORTAL and pair[1] != "."}
    assert {permission.split(".")[0] for _, permission in missing} == set(NOT_BUILT)
