"""Importing and reading the directory through its commands, queries and screens."""

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts.access.gate import open_trail
from accounts.authentication.models import User
from accounts.kernel.actor import Role
from accounts.kernel.errors import NotAllowed, StaleVersion, VersionMissing
from accounts.kernel.models import Transition
from accounts.organisations.directory import coordination_for
from accounts.organisations.models import Membership, Organisation
from accounts.outbox.models import StoredEvent
from pathway.capacity.models import Places
from pathway.structures.commands import import_structures, update_offer
from pathway.structures.models import CareOffer, DirectoryImport
from pathway.structures.queries import (
    area_names,
    directory,
    last_import,
    offer_for,
    offer_snapshot,
    offer_snapshots,
    offers_covering,
)
from pathway.structures.reading import read_structures
from pathway.structures.records import Criteria, UpdateOffer
from pathway.structures.rules import ReferentElsewhere, StructureFileRefused
from pathway.structures.states import Exclusion, OfferKind
from tests.factories import people, structures
from tests.support.screens import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.fhir]


def _import(*lines: dict[str, str], by=structures.IMPORTER):
    return import_structures(read_structures(structures.file_of(*lines)), by=by)


def test_a_file_imported_twice_changes_nothing():
    lines = [structures.line(), structures.line(offre="lisp", equipe="Médecine (fictif)")]
    _import(*lines)
    before = list(CareOffer.objects.order_by("id").values())
    _import(*lines)
    assert list(CareOffer.objects.order_by("id").values()) == before
    report = last_import("structures")
    assert (report.created, report.updated, report.unchanged) == (0, 0, 2)
    assert CareOffer.objects.get(kind="lisp").organisation.part_of.finess == lines[1]["finess"]


def test_a_changed_line_updates_its_offer_and_its_structure_only():
    kept, moved = structures.line(), structures.line()
    _import(kept, moved)
    _import(kept, {**moved, "nom_offre": "USP rebaptisée (fictif)", "zones": "21 25", "commune": "25056"})
    report = last_import("structures")
    assert (report.created, report.updated, report.unchanged) == (0, 1, 1)
    offer = CareOffer.objects.get(name="USP rebaptisée (fictif)")
    assert (offer.version, offer.organisation.version, offer.organisation.city) == (2, 2, "Besançon")
    assert offer_snapshot(offer.id).areas == ("21", "25")


def test_a_file_that_names_the_unknown_leaves_nothing_behind():
    lines = [
        structures.line(),
        structures.line(structure=""),
        structures.line(zones="GHT-AILLEURS"),
        structures.line(referent_medical="99999999999"),
        structures.line(territoire="DAC-99"),
    ]
    with pytest.raises(StructureFileRefused) as refusal:
        _import(*lines)
    assert [problem.line for problem in refusal.value.problems] == [3, 4, 5, 6]
    assert not CareOffer.objects.exists()
    assert not Organisation.objects.exists()
    assert not StoredEvent.objects.exists()


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.BED_MANAGER, Role.PHYSICIAN])
def test_only_the_administrator_imports(role):
    with pytest.raises(NotAllowed):
        _import(structures.line(), by=people.actor(role))


def test_the_directory_is_filtered_by_kind_departement_and_words():
    actor = people.actor(Role.COORDINATOR)
    usp = structures.offer(nom_offre="USP de l’Étang (fictif)")
    lisp = structures.offer(nom_offre="LISP Pneumologie (fictif)", offre="lisp", commune="25056", zones="25")
    with open_trail():
        assert [offer.id for offer in directory(actor).offers] == [lisp.id, usp.id]
        assert [offer.id for offer in directory(actor, kind="usp").offers] == [usp.id]
        assert [offer.id for offer in directory(actor, departement="25").offers] == [lisp.id]
        assert [offer.id for offer in directory(actor, text="besancon PNEUMO").offers] == [lisp.id]
        assert directory(actor, text="besancon etang").offers == ()


def test_the_directory_comes_in_pages_at_a_constant_cost(django_assert_num_queries):
    actor = people.actor(Role.NURSE)
    names = [structures.offer(nom_offre="Même nom (fictif)" if n < 1 else f"Offre {n} (fictif)").name for n in range(5)]
    with open_trail():
        first = directory(actor, size=3)
        second = directory(actor, size=3, after=first.next_key)
        assert [offer.name for offer in first.offers + second.offers] == sorted(names)
        assert second.next_key == ""
        with django_assert_num_queries(2):
            directory(actor, size=1)
        with django_assert_num_queries(2):
            directory(actor, size=5)


def test_offers_cover_a_commune_by_itself_by_departement_or_by_territory():
    dac = people.coordination(departement="21")
    actor = people.actor(Role.COORDINATOR, dac)
    by_commune = structures.offer(nom_offre="A", zones="21231")
    by_departement = structures.offer(nom_offre="B", zones="21 25")
    by_territory = structures.offer(nom_offre="C", zones=dac.territory.code)
    structures.offer(nom_offre="D", zones="25")
    structures.offer(nom_offre="E", offre="lisp", zones="21")
    with open_trail():
        found = offers_covering(commune="21231", departement="21", kinds={OfferKind.USP}, actor=actor)
        assert [offer.id for offer in found] == [by_commune.id, by_departement.id, by_territory.id]
        elsewhere = offers_covering(commune="90010", departement="90", kinds=set(OfferKind), actor=actor)
        assert elsewhere == []
    assert area_names(["21231", dac.territory.code]) == ["Dijon", dac.territory.name]


def test_snapshots_cost_the_same_for_one_and_five(django_assert_num_queries):
    ids = [structures.offer().id for _ in range(5)]
    for some in (ids[:1], ids):
        with django_assert_num_queries(2):
            assert set(offer_snapshots(some)) == set(some)


def _update(offer: CareOffer, **fields: object) -> UpdateOffer:
    usual = {"offer_id": offer.id, "version": offer.version, "name": offer.name, "criteria": Criteria(min_age=18)}
    return UpdateOffer(**{**usual, **fields})


def test_a_structure_corrects_its_own_offer():
    offer = structures.offer()
    by = structures.bed_manager(offer)
    criteria = Criteria(levels=frozenset({3}), excludes=frozenset({Exclusion.OXYGEN}), text="Appelez avant.")
    update_offer(_update(offer, criteria=criteria, medical_referent_id=by.professional_id), by=by)
    kept = offer_snapshot(offer.id)
    assert (kept.criteria, kept.version) == (criteria, 2)
    assert kept.medical_referent.id == by.professional_id
    assert Transition.objects.filter(aggregate_id=offer.id).count() == 2


def test_an_offer_is_neither_corrected_by_another_structure_nor_blindly_nor_late():
    offer = structures.offer()
    with pytest.raises(NotAllowed):
        update_offer(_update(offer), by=people.actor(Role.BED_MANAGER))
    own = structures.bed_manager(offer)
    with pytest.raises(VersionMissing):
        update_offer(_update(offer, version=None), by=own)
    with pytest.raises(StaleVersion):
        update_offer(_update(offer, version=7), by=own)
    stranger = people.actor(Role.PHYSICIAN)
    with pytest.raises(ReferentElsewhere):
        update_offer(_update(offer, nursing_referent_id=stranger.professional_id), by=own)
    assert CareOffer.objects.get().version == 1


@pytest.mark.parametrize(
    "role", [Role.COORDINATOR, Role.EMERGENCY_DISPATCHER, Role.REGIONAL_READER, Role.SOCIAL_WORKER]
)
def test_the_list_and_the_page_of_an_offer_are_shown(role):
    offer = structures.offer(telephone_offre="03 53 01 98 76", exclusions="oxygen", niveaux="3")
    structures.declared(offer, 2)
    client = signed_in(people.actor(role))
    listed = client.get(reverse("structures:index"), {"type": "usp", "texte": "dijon", "departement": "21"})
    assert offer.name in listed.content.decode()
    assert "2 places libres" in listed.content.decode()
    shown = client.get(reverse("structures:offer", args=[offer.id])).content.decode()
    for words in ('href="tel:0353019876"', "Oxygène à haut débit", "À partir de 18 ans", "à l’instant"):
        assert words in shown
    assert "Modifier la fiche" not in shown


def test_a_filter_that_cannot_be_read_shows_everything():
    offer = structures.offer()
    client = signed_in(people.actor(Role.NURSE))
    answer = client.get(reverse("structures:index"), {"type": "hospice", "suite": "x"})
    assert offer.name in answer.content.decode()


def test_an_unknown_offer_is_not_found():
    client = signed_in(people.actor(Role.NURSE))
    unknown = people.actor(Role.NURSE).id
    assert client.get(reverse("structures:offer", args=[unknown])).status_code == 404


def test_the_correction_page_keeps_what_was_typed_and_is_closed_to_others():
    offer = structures.offer()
    by = structures.bed_manager(offer)
    client, url = signed_in(by), reverse("structures:update", args=[offer.id])
    assert "Modifier la fiche" in client.get(url).content.decode()
    sent = {"version": 1, "name": "Nouveau nom (fictif)", "installed": 8, "min_age": 90, "max_age": 20}
    refused = client.post(url, sent)
    assert refused.status_code == 422
    assert "Nouveau nom (fictif)" in refused.content.decode()
    assert client.post(url, {**sent, "max_age": 99}).status_code == 302
    with open_trail():
        assert offer_for(offer.id, actor=by).name == "Nouveau nom (fictif)"
    assert signed_in(people.actor(Role.BED_MANAGER)).get(url).status_code == 403
    assert signed_in(people.actor(Role.NURSE)).get(url).status_code == 404


def test_the_administrator_imports_a_file_or_sees_each_line_to_correct(tmp_path):
    client, url = signed_in(people.actor(Role.TECHNICAL_ADMIN)), reverse("structures:import")
    assert client.get(url).status_code == 200
    path = tmp_path / "structures.csv"
    path.write_text(structures.file_of(structures.line(places="dix")), "utf-8")
    with path.open("rb") as sent:
        refused = client.post(url, {"file": sent})
    assert refused.status_code == 422
    assert "« places » doit être un nombre" in refused.content.decode()
    path.write_bytes("é".encode("latin-1"))
    with path.open("rb") as sent:
        assert "UTF-8" in client.post(url, {"file": sent}).content.decode()
    path.write_text(structures.file_of(structures.line()), "utf-8")
    with path.open("rb") as sent:
        assert client.post(url, {"file": sent}).status_code == 302
    assert CareOffer.objects.count() == 1
    assert signed_in(people.actor(Role.NURSE)).get(url).status_code == 403


def test_the_console_imports_a_file_or_says_what_is_wrong(tmp_path, capsys):
    path = tmp_path / "structures.csv"
    path.write_text(structures.file_of(structures.line()), "utf-8")
    call_command("import_structures", str(path))
    assert "Offres ajoutées : 1" in capsys.readouterr().out
    path.write_text(structures.file_of(structures.line(offre="hospice")), "utf-8")
    with pytest.raises(CommandError, match="ligne 2"):
        call_command("import_structures", str(path))
    with pytest.raises(CommandError, match="n’existe pas"):
        call_command("import_structures", str(tmp_path / "absent.csv"))


@pytest.mark.thorough
def test_the_demo_is_loaded_once_and_what_people_change_stays(settings, tmp_path):
    settings.MASTER_KEY_FILE = settings.MASTER_KEY_FILE or tmp_path / "master.key"
    call_command("load_demo")
    counts = [model.objects.count() for model in (CareOffer, Organisation, Membership, User, Places, Transition)]
    assert coordination_for(commune="21231", departement="21").name == "DAC Côte-d’Or (fictif)"
    assert set(Role) - set(Membership.objects.values_list("role", flat=True)) == {
        Role.FHIR_CLIENT,
        Role.ANONYMOUS,
        Role.SYSTEM,
    }
    CareOffer.objects.filter(kind="carsp").update(hours="Sur rendez-vous")
    call_command("load_demo")
    assert counts == [
        model.objects.count() for model in (CareOffer, Organisation, Membership, User, Places, Transition)
    ]
    assert CareOffer.objects.get(kind="carsp").hours == "Sur rendez-vous"
    assert DirectoryImport.objects.count() == 4
