"""The code lists: complete rows, no doubles, mappings that hold both ways where they claim to."""

import csv
from importlib.resources import files

import pytest

from fhir_bridge.r4 import codes, systems
from fhir_bridge.r4.codes import IdentityStatus, UnknownCodeError, code_list, read_identity_status, required_codes

LISTS = sorted(
    entry.name.removesuffix(".tsv") for entry in files(codes.__package__).iterdir() if entry.name.endswith(".tsv")
)


@pytest.mark.parametrize("name", LISTS)
def test_every_row_is_complete_and_unique(name: str) -> None:
    text = files(codes.__package__).joinpath(f"{name}.tsv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))
    keys = [(row["system"], row["code"], row.get("element")) for row in rows]
    assert len(keys) == len(set(keys))
    for row in rows:
        for column in ("code", "display", "system", "version", "source", "licence"):
            assert row[column], (row["code"], column)
        assert None not in row, row["code"]
        assert "'" not in row["display"], "a label that people read has typographic apostrophes"


def test_the_trusted_person_is_nok_and_the_old_code_is_only_read() -> None:
    roles = code_list("contact_roles")
    assert roles.get(*systems.ROLE_TRUSTED_PERSON).notes["status"] == "active"
    assert roles.get(systems.R260, "QUAL").notes["status"] == "read-only"
    assert roles.display(systems.R260, "NOK") == "Personne de confiance"
    assert roles.display(systems.R260, "TRUST") is None


def test_documents_of_the_person_are_of_class_90() -> None:
    types = code_list("document_types")
    assert types.get(*systems.TYPE_DIRECTIVES).notes["document_class"] == "90"
    assert types.get(*systems.TYPE_TRUSTED_PERSON).notes["document_class"] == "90"
    assert types.get(*systems.TYPE_PPA).notes["document_class"] == "44"
    for document_type in types:
        if "document_class" in document_type.notes:
            assert (systems.A03, document_type.notes["document_class"]) in code_list("document_classes")


def test_mobile_palliative_teams_never_take_the_national_emsp_code() -> None:
    assert "Santé Précarité" in (code_list("organization_categories").display(systems.R244, "142") or "")
    assert (systems.LOCAL_STRUCTURE_KIND, "emsp-pallia") in code_list("local")


def test_a_code_becomes_a_coding() -> None:
    assert code_list("capacity").get(systems.R330, "02").coding() == {
        "system": systems.R330,
        "code": "02",
        "display": "Disponible",
    }


def test_an_unknown_code_is_refused_by_name_of_list_only() -> None:
    with pytest.raises(UnknownCodeError, match=r"^relations$"):
        code_list("relations").get(systems.R216, "Jean-Michel")


@pytest.mark.parametrize("status", IdentityStatus)
def test_the_2026_identity_statuses_map_both_ways(status: IdentityStatus) -> None:
    written = codes.identity_status_2026(status)
    assert read_identity_status(system=written.system, code=written.code, ins_system=None).status is status


@pytest.mark.parametrize(
    ("status", "ins_system", "read"),
    [
        (IdentityStatus.QUALIFIED, systems.InsSystem.TEST, IdentityStatus.QUALIFIED),
        (IdentityStatus.VALIDATED, None, IdentityStatus.VALIDATED),
        (IdentityStatus.RETRIEVED, None, IdentityStatus.PROVISIONAL),
        (IdentityStatus.PROVISIONAL, None, IdentityStatus.PROVISIONAL),
    ],
)
def test_the_older_identity_statuses_tell_qualified_by_the_ins(
    status: IdentityStatus, ins_system: str | None, read: IdentityStatus
) -> None:
    written = codes.identity_status_0445(status)
    assert read_identity_status(system=written.system, code=written.code, ins_system=ins_system).status is read


def test_an_ins_of_an_unknown_authority_qualifies_nothing() -> None:
    read = read_identity_status(system=systems.FR_V2_0445, code="VALI", ins_system="urn:oid:1.2.3")
    assert read.status is IdentityStatus.VALIDATED


@pytest.mark.parametrize(("code", "remark"), [("DOUT", "doubtful"), ("FICT", "fictive"), ("HOMD", "homonym")])
def test_remarks_force_a_provisional_identity(code: str, remark: str) -> None:
    read = read_identity_status(system=systems.FR_V2_0445, code=code, ins_system=systems.InsSystem.TEST)
    assert (read.status, read.remark) == (IdentityStatus.PROVISIONAL, remark)


@pytest.mark.parametrize("code", ["DESA", "INVA", "NOPE"])
def test_withdrawn_and_unknown_statuses_are_refused(code: str) -> None:
    with pytest.raises(UnknownCodeError):
        read_identity_status(system=systems.FR_V2_0445, code=code, ins_system=None)


def test_required_bindings_hold_the_whole_r4_value_sets() -> None:
    bound = required_codes()
    assert len(bound["Task.status"]) == 12
    assert len(bound["Encounter.status"]) == 9
    assert bound["Patient.gender"] == {"male", "female", "other", "unknown"}
    assert len(bound["OperationOutcomeIssue.code"]) == 31
    assert codes.required_systems()["Condition.clinicalStatus"] == systems.CONDITION_CLINICAL


def test_ins_types_are_bijective() -> None:
    assert set(systems.INS_TYPE_CODES) == set(systems.InsSystem)
    assert len(set(systems.INS_TYPE_CODES.values())) == len(systems.InsSystem)
    assert systems.PRODUCTION_INS_SYSTEMS.isdisjoint({systems.InsSystem.TEST, systems.InsSystem.DEMO})


def test_local_systems_share_one_stable_base() -> None:
    for code in code_list("local"):
        assert code.system.startswith(f"{systems.LOCAL}/")
        assert "urn:uuid" not in code.system
