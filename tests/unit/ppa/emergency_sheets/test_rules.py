"""What a sheet holds, when it may be signed, what makes it old, who must get the new one, whether a SAMU finds her: pure."""

from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest

from accounts.kernel.errors import DomainError
from accounts.people.states import Sex
from ppa.directives.states import RESUSCITATION, VENTILATION
from ppa.emergency_sheets.reading import lines_of
from ppa.emergency_sheets.records import Holder, NoteHolder, Number, Written
from ppa.emergency_sheets.rules import (
    PARTS,
    check_alive,
    check_done,
    check_holder,
    check_signable,
    check_taken_back,
    content_of,
    digest_of,
    drift,
    is_departement,
    missing_for_lookup,
    remarks_on,
    to_recover,
    to_replace,
    written_content,
    written_from,
)
from ppa.emergency_sheets.states import HolderKind, Means, Measure, Phase, Sedation, Stance, Transfer
from tests.factories.emergency_sheets import written

TODAY = date(2026, 11, 22)


def sources(**fields):
    wishes = [{"code": RESUSCITATION, "decision": "deny", "note": "Plus de réanimation"}]
    return {
        "person": {"name": "ESSAI Philomène", "birth_date": "1955-03-12", "sex": str(Sex.FEMALE), "ins": ""},
        "address": {"street": "7 impasse du Pré", "postal_code": "21000", "city": "Dijon", "departement": "21"},
        "phones": ["+33380771331"],
        "contacts": [],
        "trusted": None,
        "directives": {"signed_on": "2026-01-02", "comfort_only": False, "wishes": wishes, "kept": [], "waiting": 0},
        "drugs": [],
        "crises": [],
        "places": [],
        "teams": [],
        "announcements": [],
        **fields,
    }  # fmt: skip


SHEET = uuid4()


def holder(**fields):
    values = {
        "id": uuid4(), "sheet_id": SHEET, "kind": HolderKind.SAMU, "name": "", "departement": "21", "means": Means.SECURE_MAIL, "number": 1,
        "done_on": TODAY, "who": "Dr Essai", "recorder": "Dr Essai", **fields,
    }  # fmt: skip
    return Holder(**values)


def note(**fields):
    values = {
        "sheet_id": uuid4(), "version": 1, "kind": HolderKind.SAMU, "name": "", "departement": "21",
        "means": Means.SECURE_MAIL, "who": "Dr Essai", "done_on": TODAY, **fields,
    }  # fmt: skip
    return NoteHolder(**values)


def test_what_was_written_comes_back_as_it_was():
    assert written_from(written_content(written())) == written()
    assert digest_of(content_of(written(), sources())) == digest_of(content_of(written(), sources()))
    assert digest_of(content_of(written(), sources())) != digest_of(content_of(written(goals="Autre"), sources()))


@pytest.mark.parametrize(
    ("broken", "code", "sentence"),
    [
        (lambda: check_alive(TODAY), "emergency-sheet-after-death", "elle ne se modifie plus"),
        (lambda: check_signable(None, read="a", present="a"), "emergency-sheet-not-written", "Rédigez d’abord"),
        (
            lambda: check_signable(written(conduct="  "), read="a", present="a"),
            "emergency-sheet-conduct-missing",
            "Écrivez la conduite à tenir",
        ),
        (lambda: check_signable(written(), read="a", present="b"), "emergency-sheet-changed", "Relisez-la"),
        (lambda: check_holder(note(), signed_on=None, today=TODAY), "emergency-sheet-not-signed", "rien à remettre"),
        (
            lambda: check_holder(note(departement="Côte-d’Or"), signed_on=TODAY, today=TODAY),
            "emergency-sheet-departement-missing",
            "département du SAMU",
        ),
        (
            lambda: check_holder(note(kind=HolderKind.TEAM), signed_on=TODAY, today=TODAY),
            "emergency-sheet-holder-missing",
            "qui a la fiche",
        ),
        (
            lambda: check_holder(note(who=" "), signed_on=TODAY, today=TODAY),
            "emergency-sheet-done-by-missing",
            "jamais envoyée toute seule",
        ),
        (
            lambda: check_holder(note(done_on=date(2026, 11, 21)), signed_on=TODAY, today=TODAY),
            "emergency-sheet-done-before-signature",
            "pas encore signée ce jour-là",
        ),
        (lambda: check_done("Dr Essai", date(2026, 11, 23), today=TODAY), "emergency-sheet-done-in-future", "futur"),
        (
            lambda: check_taken_back(holder(), "Dr Essai", date(2026, 11, 21), today=TODAY),
            "emergency-sheet-taken-before-given",
            "n’avait pas encore",
        ),
    ],
)
def test_what_breaks_a_rule_is_refused_with_a_sentence(broken, code, sentence):
    with pytest.raises(DomainError) as refused:
        broken()
    assert refused.value.code == code
    assert sentence in refused.value.message


@pytest.mark.parametrize(("code", "is_one"), [("21", True), ("2a", True), ("971", True), ("2", False), ("97", False), ("000", False), ("٢١", False)])  # fmt: skip
def test_a_departement_has_its_form(code, is_one):
    assert is_departement(code) == is_one


@pytest.mark.parametrize("part", sorted(PARTS))
def test_each_part_of_the_file_that_changes_makes_the_sheet_old(part):
    signed = sources()
    assert drift(signed, sources()) == ()
    assert drift(signed, sources(**{part: ["autre chose"]})) == (PARTS[part],)


def test_a_new_look_at_the_same_drug_makes_no_sheet_old():
    drug = {"drug": "Morphine", "found": "present", "seen_on": "2026-11-20"}
    seen_again = {**drug, "seen_on": "2026-11-22"}
    assert drift(sources(drugs=[drug]), sources(drugs=[seen_again])) == ()
    assert drift(sources(drugs=[drug]), sources(drugs=[{**seen_again, "found": "absent"}])) == (PARTS["drugs"],)


def test_who_has_an_older_version_is_to_be_given_the_new_one():
    old, new, gone = holder(), holder(number=2), holder(taken_back_on=TODAY)
    assert to_replace([old, new, gone], 2) == (old,)


def test_a_copy_of_another_sheet_than_that_in_force_is_to_be_recovered():
    own, other, gone = holder(), holder(sheet_id=uuid4()), holder(sheet_id=uuid4(), taken_back_on=TODAY)
    assert to_recover([own, other, gone], SHEET) == (other,)
    assert to_recover([own, other, gone], None) == (own, other)


def test_what_a_sheet_says_both_ways_is_told_and_stops_nothing():
    wanted = written(comfort_only=True, measures={Measure.CPR: Stance.WANTED})
    told = remarks_on(content_of(wanted, sources()))
    assert len(told) == 2
    assert "soins de confort uniquement" in told[0]
    assert "Les directives refusent" in told[1]
    assert remarks_on(content_of(written(), sources())) == ()
    permits = [{"code": VENTILATION, "decision": "permit", "note": ""}]
    directives = {**sources()["directives"], "wishes": permits}
    unadvised = written(measures={Measure.NIV: Stance.UNADVISED})
    assert "acceptent" in remarks_on(content_of(unadvised, sources(directives=directives)))[0]


def lookup(numbers=None, sent=None, **fields):
    values = {"departement": "21", "number": 1, "in_force": SHEET, "is_closed": False, **fields}
    sure = Number(whose="Elle", phone="03", is_found=True, on_sheet=True)
    return missing_for_lookup([sure] if numbers is None else numbers, [holder()] if sent is None else sent, **values)


def test_a_samu_finds_her_when_each_number_leads_to_a_sheet_that_it_has():
    unknown = Number(whose="Son fils", phone="06", is_found=True, on_sheet=False)
    assert lookup() == ()
    assert "aucun" in lookup(numbers=[])[0].lower()
    assert "ne mène pas" in lookup(numbers=[unknown])[0]
    assert "département où elle vit (39)" in lookup(departement="39")[0]
    assert "Aucun envoi" in lookup(sent=[])[0]
    assert "version 2 la remplace" in lookup(number=2)[0]
    (other,) = lookup(sent=[holder(sheet_id=uuid4(), number=3)])
    assert "n’a que la version 3 d’une fiche retirée : la version 1 la remplace" in other
    assert lookup(sent=[holder(sheet_id=uuid4(), number=3), holder()]) == ()
    assert "refuse l’accès en urgence" in lookup(is_closed=True)[0]
    assert "en vigueur" in lookup(number=None, in_force=None)[0]


def test_a_regulator_reads_refusals_first_and_once():
    lines = lines_of(content_of(written(), sources()))
    assert [one["what"] for one in lines["not_to_do"]] == [
        "Massage cardiaque, défibrillation",
        "Intubation, ventilation invasive",
        "Transfert à l’hôpital",
    ]
    silent = lines_of(content_of(Written(phase=Phase.TERMINAL), sources()))
    assert [one["what"] for one in silent["not_to_do"]] == ["Réanimation cardiaque et respiratoire"]
    assert "Plus de réanimation" in silent["not_to_do"][0]["why"]
    assert silent["is_terminal"]


def test_a_refused_sedation_stands_among_what_is_not_done():
    refused = replace(written(), sedation=Sedation.REFUSED, transfer=Transfer.DIRECT, transfer_to="USP, 03 80 00 00 00")
    lines = lines_of(content_of(refused, sources()))
    assert "Sédation" in [one["what"] for one in lines["not_to_do"]]
    assert any("USP, 03 80 00 00 00" in one["why"] for one in lines["to_do"])
