"""Directives, the trusted person and the relatives, read by the system of the same team and by nobody else's."""

from datetime import date
from uuid import uuid5

import pytest
from django.core.management import call_command
from fhir.resources.R4B.consent import Consent
from fhir.resources.R4B.documentreference import DocumentReference
from fhir.resources.R4B.provenance import Provenance
from fhir.resources.R4B.relatedperson import RelatedPerson

from fhir_bridge.projection.refresh import differences
from ppa.directives.commands import revoke_directive, withdraw_directive
from ppa.directives.queries import directive_snapshot
from ppa.directives.records import Authorisation, Holder, RevokeDirective, WithdrawDirective, Witness
from ppa.directives.states import Medium, RevocationMeans
from ppa.trusted_persons.commands import (
    confirm_duration,
    end_designation,
    sign_designation,
    withdraw_designation,
)
from ppa.trusted_persons.queries import designation_snapshot
from ppa.trusted_persons.records import (
    ConfirmDuration,
    EndDesignation,
    Leave,
    Signatures,
    SignDesignation,
    WithdrawDesignation,
)
from ppa.trusted_persons.states import Action, Duration, EndMeans, Scope
from tests.factories import directives, people, trusted_persons

pytestmark = pytest.mark.django_db


def found(partner, rtype, person_id, **params):
    response = partner.search(rtype, patient=str(person_id), **params)
    assert response.status_code == 200, response.content
    return [entry["resource"] for entry in response.json().get("entry", [])]


def test_a_directive_is_read_with_its_wishes_and_its_file(nurse, person_id, partner, stranger):
    directive_id = directives.directive(person_id, nurse)
    consents = found(partner, "Consent", person_id, status="active")
    assert len(consents) == 3
    for consent in consents:
        Consent.model_validate(consent)
    wish = next(one for one in consents if one["provision"].get("type") == "deny")
    assert wish["provision"]["code"][0]["coding"][0]["code"] == "75779-9"
    file = partner.get(wish["sourceReference"]["reference"])
    DocumentReference.model_validate(file.json())
    paper = file.json()["content"][0]["attachment"]
    assert paper["size"] == len(directives.PDF)
    assert partner.get(paper["url"], Accept="application/pdf").content == directives.PDF
    assert stranger.get(paper["url"]).status_code == 404
    revoke_directive(
        RevokeDirective(
            directive_id=directive_id,
            version=directive_snapshot(directive_id).version,
            revoked_on=date(2026, 6, 1),
            means=RevocationMeans.WRITTEN,
            received_by="Essai",
        ),
        by=nurse,
    )
    assert found(partner, "Consent", person_id, status="active") == []
    assert partner.get(f"Consent/{directive_id}").json()["status"] == "inactive"


def test_a_later_document_replaces_the_file_of_the_former_until_it_is_taken_out(nurse, person_id, partner):
    former = directives.directive(person_id, nurse, signed_on=date(2020, 1, 1))
    current = directives.directive(person_id, nurse)
    files = [directive_snapshot(one).document_id for one in (former, current)]
    shown = [partner.get(f"DocumentReference/{file}").json() for file in files]
    assert [one["status"] for one in shown] == ["superseded", "current"]
    assert shown[1]["relatesTo"][0]["target"]["reference"] == f"DocumentReference/{files[0]}"
    withdraw_directive(WithdrawDirective(directive_id=current, version=directive_snapshot(current).version), by=nurse)
    shown = [partner.get(f"DocumentReference/{file}").json() for file in files]
    assert [one["status"] for one in shown] == ["current", "entered-in-error"]
    assert list(differences()) == []


def test_a_mistake_in_the_middle_leaves_no_difference(nurse, person_id):
    directives.directive(person_id, nurse, signed_on=date(2018, 1, 1))
    mistake = directives.directive(person_id, nurse, signed_on=date(2020, 1, 1))
    directives.directive(person_id, nurse)
    withdraw_directive(WithdrawDirective(directive_id=mistake, version=directive_snapshot(mistake).version), by=nurse)
    assert list(differences()) == []


def test_a_place_known_only_is_a_document_without_bytes(nurse, person_id, partner):
    directive_id = directives.directive(
        person_id, nurse, medium=Medium.LOCATION_ONLY, file=None, wishes=(), text="", holder=Holder(name="Essai")
    )
    assert partner.get(f"DocumentReference/{directive_id}").json()["description"] == "Original conservé par Essai"
    assert partner.get(f"Consent/{directive_id}").json()["status"] == "draft"


def test_the_trusted_person_is_shown_once_both_have_signed_and_until_the_end(nurse, person_id, partner):
    relative_id = people.relative(person_id, nurse)
    designation_id = trusted_persons.designation(
        person_id, relative_id, nurse, signatures=Signatures(person_signed_on=date(2026, 4, 1)), awaits_signature=True
    )
    assert found(partner, "Consent", person_id) == []
    sign_designation(
        SignDesignation(
            designation_id=designation_id,
            version=designation_snapshot(designation_id).version,
            signatures=Signatures(trusted_signed_on=date(2026, 4, 3)),
        ),
        by=nurse,
    )
    (consent,) = found(partner, "Consent", person_id)
    Consent.model_validate(consent)
    trusted = partner.get(consent["provision"]["actor"][0]["reference"]["reference"]).json()
    RelatedPerson.model_validate(trusted)
    assert trusted["active"] is True
    end_designation(
        EndDesignation(
            designation_id=designation_id,
            version=designation_snapshot(designation_id).version,
            action=Action.RENOUNCE,
            ended_on=date(2026, 6, 1),
            means=EndMeans.WRITTEN,
            received_by="Essai",
        ),
        by=nurse,
    )
    (consent,) = found(partner, "Consent", person_id)
    assert consent["status"] == "inactive"
    (trusted,) = found(partner, "RelatedPerson", person_id)
    assert (trusted["active"], trusted["period"]["end"]) == (False, "2026-06-01")
    assert list(differences()) == []


def test_an_older_paper_found_later_is_shown_as_the_past_it_is(nurse, person_id, partner):
    current = trusted_persons.designation(person_id, people.relative(person_id, nurse), nurse)
    older = Signatures(person_signed_on=date(2019, 3, 1), trusted_signed_on=date(2019, 3, 4))
    found_id = trusted_persons.designation(
        person_id,
        people.relative(person_id, nurse, given="Anatole"),
        nurse,
        signatures=older,
        duration=Duration.LASTING,
    )
    shown = {one["id"]: one for one in found(partner, "Consent", person_id)}
    assert (shown[str(current)]["status"], shown[str(found_id)]["status"]) == ("active", "inactive")
    assert shown[str(found_id)]["provision"]["period"] == {"start": "2019-03-04", "end": "2026-04-03"}
    trusted = partner.get(shown[str(found_id)]["provision"]["actor"][0]["reference"]["reference"]).json()
    assert (trusted["active"], trusted["period"]["end"]) == (False, "2026-04-03")
    call_command("rebuild_fhir", "--check")


def test_a_designation_taken_back_before_the_other_had_signed_never_ran(nurse, person_id, partner):
    designation_id = trusted_persons.designation(person_id, people.relative(person_id, nurse), nurse)
    record = EndDesignation(
        designation_id=designation_id, version=designation_snapshot(designation_id).version, action=Action.REVOKE,
        ended_on=date(2026, 4, 2), means=EndMeans.SPOKEN, received_by="Essai",
    )  # fmt: skip
    end_designation(record, by=nurse)
    (consent,) = found(partner, "Consent", person_id)
    assert (consent["status"], consent["provision"]["period"]) == (
        "inactive",
        {"start": "2026-04-02", "end": "2026-04-02"},
    )
    call_command("rebuild_fhir", "--check")


def test_for_another_system_nothing_of_it_exists(nurse, person_id, stranger):
    directive_id = directives.directive(person_id, nurse)
    designation_id = trusted_persons.designation(person_id, people.relative(person_id, nurse), nurse)
    for address in (
        f"Consent/{directive_id}",
        f"Consent/{designation_id}",
        f"DocumentReference/{directive_snapshot(directive_id).document_id}",
    ):
        assert stranger.get(address).status_code == 404
    for rtype in ("Consent", "RelatedPerson", "DocumentReference"):
        assert found(stranger, rtype, person_id) == []


WITNESSES = (
    Witness(name="Essai CANARITEMOIN", capacity="voisine"),
    Witness(name="Essai Second", capacity="aide-soignant"),
)


def attested(partner, consent_id):
    """Return the one Provenance of a Consent, as the search of a partner gives it beside that Consent."""
    answer = partner.get(f"Consent?_id={consent_id}&_revinclude=Provenance:target")
    assert answer.status_code == 200, answer.content
    return [one["resource"] for one in answer.json()["entry"] if one["resource"]["resourceType"] == "Provenance"]


def names_of(provenance):
    return [
        (one["who"]["display"], one.get("role", [{}])[0].get("text", ""))
        for one in provenance["agent"]
        if one["type"]["coding"][0]["code"] == "WIT"
    ]


def test_the_witnesses_of_directives_stand_beside_the_consent_for_who_reads_it(nurse, person_id, partner, stranger):
    directive_id = directives.directive(person_id, nurse, has_signature=False, witnesses=WITNESSES)
    (shown,) = attested(partner, directive_id)
    Provenance.model_validate(shown)
    assert shown["target"] == [{"reference": f"Consent/{directive_id}"}]
    assert shown["occurredDateTime"] == directive_snapshot(directive_id).signed_on.isoformat()
    assert names_of(shown) == [("Essai CANARITEMOIN", "voisine"), ("Essai Second", "aide-soignant")]
    assert partner.get(f"Provenance?target=Consent/{directive_id}").json()["entry"][0]["resource"] == shown
    assert stranger.get(f"Provenance/{shown['id']}").status_code == 404
    assert stranger.get(f"Provenance?target=Consent/{directive_id}").json().get("entry", []) == []
    withdraw_directive(
        WithdrawDirective(directive_id=directive_id, version=directive_snapshot(directive_id).version), by=nurse
    )
    assert attested(partner, directive_id) == [], "what was recorded by mistake was attested by nobody"
    assert list(differences()) == []


def test_the_witnesses_of_a_designation_are_read_once_both_have_signed(nurse, person_id, partner, stranger):
    relative_id = people.relative(person_id, nurse)
    chosen = {"witnesses": WITNESSES, "file": directives.scan()}
    designation_id = trusted_persons.designation(
        person_id, relative_id, nurse, signatures=Signatures(person_signed_on=date(2026, 4, 1)), awaits_signature=True,
        **chosen,
    )  # fmt: skip
    assert partner.get(f"Provenance?target=Consent/{designation_id}").json().get("entry", []) == []
    sign_designation(
        SignDesignation(
            designation_id=designation_id,
            version=designation_snapshot(designation_id).version,
            signatures=Signatures(trusted_signed_on=date(2026, 4, 3)),
        ),
        by=nurse,
    )
    (shown,) = attested(partner, designation_id)
    Provenance.model_validate(shown)
    assert names_of(shown)[0] == ("Essai CANARITEMOIN", "voisine")
    assert shown["entity"][0]["what"]["reference"].startswith("DocumentReference/")
    assert stranger.get(f"Provenance/{shown['id']}").status_code == 404
    assert list(differences()) == []


LEAVE = Authorisation(authority="Juge des tutelles CANARIJUGE", given_on=date(2026, 2, 1))


def allowed(partner, consent_id):
    """Return who gave leave for a Consent, of what kind and on which day."""
    return [
        (agent["who"]["display"], agent["role"][0]["text"], one["occurredDateTime"])
        for one in attested(partner, consent_id)
        for agent in one["agent"]
        if agent["type"].get("text") == "Autorise"
    ]


def test_who_held_the_pen_and_the_leave_of_the_judge_are_read_beside_directives(nurse, person_id, partner, stranger):
    directive_id = directives.directive(
        person_id, nurse, written_by="Essai CANARIPLUME", is_protected=True, authorisation=LEAVE,
        authorisation_file=directives.scan(),
    )  # fmt: skip
    shown = attested(partner, directive_id)
    for one in shown:
        Provenance.model_validate(one)
        assert stranger.get(f"Provenance/{one['id']}").status_code == 404
    writers = [
        agent["who"]["display"]
        for one in shown
        for agent in one["agent"]
        if agent["type"].get("coding", [{}])[0].get("code") == "TRANS"
    ]
    assert writers == ["Essai CANARIPLUME"]
    told = ("Juge des tutelles CANARIJUGE", "Autorisation du juge ou du conseil de famille", "2026-02-01")
    assert allowed(partner, directive_id) == [told]
    assert partner.get(f"Consent/{directive_id}").json()["policyRule"]["text"].startswith("Articles L. 1111-11")
    withdraw_directive(
        WithdrawDirective(directive_id=directive_id, version=directive_snapshot(directive_id).version), by=nurse
    )
    assert attested(partner, directive_id) == []
    assert list(differences()) == []


def roles_in(provenance):
    return [
        (one["type"]["coding"][0]["code"], one["who"].get("display") or one["who"]["reference"].partition("/")[0])
        for one in provenance["agent"]
    ]


def test_a_revocation_is_read_with_its_means_who_received_it_its_witness_and_its_paper(
    nurse, person_id, partner, stranger
):
    directive_id = directives.directive(person_id, nurse)
    record = RevokeDirective(
        directive_id=directive_id,
        version=directive_snapshot(directive_id).version,
        revoked_on=date(2026, 6, 1),
        means=RevocationMeans.SPOKEN,
        received_by="Essai CANARIREÇOIT, infirmière",
        witness="Essai CANARITEMOIN",
        file=directives.scan(),
    )
    revoke_directive(record, by=nurse)
    (shown,) = attested(partner, directive_id)
    Provenance.model_validate(shown)
    assert shown["occurredDateTime"] == "2026-06-01"
    assert shown["activity"]["text"] == "Révocation des directives anticipées : de vive voix, devant témoin"
    assert roles_in(shown) == [
        ("AUT", "Patient"),
        ("IRCP", "Essai CANARIREÇOIT, infirmière"),
        ("WIT", "Essai CANARITEMOIN"),
    ]
    paper = partner.get(shown["entity"][0]["what"]["reference"]).json()
    DocumentReference.model_validate(paper)
    assert paper["type"]["coding"][0]["code"] == "EXPPAT_1", "no directives: who looks for those must not find it"
    assert paper["description"] == "Révocation des directives anticipées"
    assert partner.get(paper["content"][0]["attachment"]["url"], Accept="application/pdf").content == directives.PDF
    for one in (f"Provenance/{shown['id']}", f"DocumentReference/{paper['id']}"):
        assert stranger.get(one).status_code == 404
    assert list(differences()) == []


def test_the_paper_of_the_judge_and_why_the_trusted_person_is_no_witness_are_read(nurse, person_id, partner, stranger):
    directive_id = directives.directive(
        person_id, nurse, is_protected=True, authorisation=LEAVE, authorisation_file=directives.scan(),
        has_signature=False, witnesses=WITNESSES, witness_reason="Elle était à l’étranger.",
    )  # fmt: skip
    told = {one["id"]: one for one in attested(partner, directive_id)}
    witnessed, leave = told[str(uuid5(directive_id, "witnesses"))], told[str(uuid5(directive_id, "leave"))]
    for one in told.values():
        Provenance.model_validate(one)
    assert witnessed["reason"] == [{"text": "Personne de confiance absente des témoins : Elle était à l’étranger."}]
    paper = partner.get(leave["entity"][0]["what"]["reference"]).json()
    DocumentReference.model_validate(paper)
    assert paper["description"] == "Autorisation du juge ou du conseil de famille"
    assert paper["type"]["coding"][0]["code"] == "EXPPAT_1"
    assert "author" not in paper
    assert stranger.get(f"DocumentReference/{paper['id']}").status_code == 404
    withdraw_directive(
        WithdrawDirective(directive_id=directive_id, version=directive_snapshot(directive_id).version), by=nurse
    )
    assert partner.get(f"DocumentReference/{paper['id']}").json()["status"] == "entered-in-error"
    assert list(differences()) == []


@pytest.mark.parametrize(
    ("action", "means", "by_whom", "told"),
    [
        (Action.REVOKE, EndMeans.SPOKEN, "Patient", "de vive voix"),
        (Action.RENOUNCE, EndMeans.WRITTEN, "RelatedPerson", "par écrit"),
    ],
)
def test_what_the_trusted_person_knows_and_how_it_ended_are_read(
    nurse, person_id, partner, stranger, action, means, by_whom, told
):
    designation_id = trusted_persons.designation(person_id, people.relative(person_id, nurse), nurse, holds_copy=True)
    consent = partner.get(f"Consent/{designation_id}").json()
    Consent.model_validate(consent)
    assert {one["url"].rpartition("/")[2]: one["valueBoolean"] for one in consent["extension"]} == {
        "trusted-person-knows-wishes": True,
        "trusted-person-holds-copy": True,
    }
    record = EndDesignation(
        designation_id=designation_id,
        version=designation_snapshot(designation_id).version,
        action=action,
        ended_on=date(2026, 6, 1),
        means=means,
        received_by="Essai CANARIREÇOIT, cadre",
    )
    end_designation(record, by=nurse)
    (shown,) = attested(partner, designation_id)
    Provenance.model_validate(shown)
    assert shown["occurredDateTime"] == "2026-06-01"
    assert shown["activity"]["text"].endswith(f" : {told}")
    assert roles_in(shown) == [("AUT", by_whom), ("IRCP", "Essai CANARIREÇOIT, cadre")]
    assert stranger.get(f"Provenance/{shown['id']}").status_code == 404
    assert list(differences()) == []


def test_what_nobody_noted_of_the_trusted_person_is_not_denied(nurse, person_id, partner):
    relative_id = people.relative(person_id, nurse)
    designation_id = trusted_persons.designation(person_id, relative_id, nurse, knows_wishes=False)
    assert "extension" not in partner.get(f"Consent/{designation_id}").json()


def test_a_designation_is_read_with_its_scope_its_limits_its_leave_and_its_doubt(nurse, person_id, partner):
    relative_id = people.relative(person_id, nurse)
    old = Signatures(person_signed_on=date(2023, 4, 1), trusted_signed_on=date(2023, 4, 3))
    designation_id = trusted_persons.designation(
        person_id, relative_id, nurse, signatures=old, scope=Scope.HEALTH, limits="Pas l’argent", is_protected=True,
        leave=Leave(authority="Conseil de famille", given_on=date(2023, 3, 1)),
    )  # fmt: skip
    consent = partner.get(f"Consent/{designation_id}").json()
    Consent.model_validate(consent)
    provision = consent["provision"]
    assert provision["code"][0]["coding"][0]["code"] == "health"
    assert provision["provision"][0]["code"][0]["text"] == "Pas l’argent"
    assert provision["period"]["_end"]["extension"][0]["valueCode"] == "unknown"
    assert [one[::2] for one in allowed(partner, designation_id)] == [("Conseil de famille", "2023-03-01")]
    record = ConfirmDuration(
        designation_id=designation_id,
        version=designation_snapshot(designation_id).version,
        duration=Duration.LASTING,
    )
    confirm_duration(record, by=nurse)
    assert partner.get(f"Consent/{designation_id}").json()["provision"]["period"] == {"start": "2023-04-03"}
    assert list(differences()) == []


def test_a_designation_recorded_by_mistake_is_in_error_and_what_it_had_replaced_is_active(nurse, person_id, partner):
    former = trusted_persons.designation(person_id, people.relative(person_id, nurse), nurse)
    later = Signatures(person_signed_on=date(2026, 9, 1), trusted_signed_on=date(2026, 9, 2))
    mistake = trusted_persons.designation(
        person_id, people.relative(person_id, nurse, given="Anatole"), nurse, signatures=later,
        witnesses=WITNESSES, file=directives.scan(),
    )  # fmt: skip
    file = partner.get(f"Consent/{mistake}").json()["sourceReference"]["reference"]
    record = WithdrawDesignation(designation_id=mistake, version=designation_snapshot(mistake).version, why="Essai")
    withdraw_designation(record, by=nurse)
    shown = [partner.get(f"Consent/{one}").json() for one in (former, mistake)]
    assert [one["status"] for one in shown] == ["active", "entered-in-error"]
    assert "end" not in shown[0]["provision"]["period"]
    assert partner.get(file).json()["status"] == "entered-in-error"
    assert attested(partner, mistake) == []
    trusted = partner.get(shown[0]["provision"]["actor"][0]["reference"]["reference"]).json()
    assert (trusted["active"], "end" in trusted["period"]) == (True, False)
    assert list(differences()) == []


def test_a_witness_without_a_name_is_nobody(nurse, person_id, partner):
    nobody = Witness(name=" ", capacity="voisine")
    waiting = directives.directive(person_id, nurse, witnesses=(nobody,))
    assert attested(partner, waiting) == []
    half = directives.directive(person_id, nurse, witnesses=(nobody, WITNESSES[0]))
    assert [names_of(one) for one in attested(partner, half)] == [[("Essai CANARITEMOIN", "voisine")]]


def test_what_needed_no_witness_has_none(nurse, person_id, partner):
    assert attested(partner, directives.directive(person_id, nurse)) == []
