"""A partner's system: its registration, its token, and how it calls."""

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import orjson
from django.test import Client

from accounts.kernel.clock import now, today
from accounts.organisations.models import Organisation
from accounts.people.records import RegisterPerson
from accounts.systems.models import AccessToken, FhirClient
from fhir_bridge.r4.systems import (
    EXT_BIRTH_LIST_GIVEN_NAME,
    EXT_BIRTH_PLACE,
    EXT_IDENTITY_RELIABILITY,
    EXT_INSEE_CODE,
    FINESS,
    FR_V2_0445,
    ICD10,
    LOCAL_COMMUNICATION_CATEGORY,
    LOCAL_TASK_CODE,
    RPPS,
)

ALL = ("system/*.cruds",)


@dataclass
class Partner:
    """A system of one organisation, with a valid token."""

    organisation: Organisation
    token: str
    client: Client = field(default_factory=Client)

    def get(self, path: str, **headers: str) -> Any:
        """GET `/fhir/<path>`."""
        return self.client.get(f"/fhir/{path}", headers=self.headers(**headers))

    def search(self, rtype: str, **params: Any) -> Any:
        """POST `_search` with the parameters in the body; a list repeats its parameter."""
        return self.client.post(
            f"/fhir/{rtype}/_search",
            urlencode(params, doseq=True),
            content_type="application/x-www-form-urlencoded",
            headers=self.headers(),
        )

    def post(self, path: str, body: Any, **headers: str) -> Any:
        """POST a resource, or raw bytes."""
        raw = body if isinstance(body, bytes) else orjson.dumps(body)
        return self.client.post(
            f"/fhir/{path}".rstrip("/"), raw, content_type="application/fhir+json", headers=self.headers(**headers)
        )

    def put(self, path: str, body: Any, **headers: str) -> Any:
        """PUT a resource."""
        return self.client.put(
            f"/fhir/{path}", orjson.dumps(body), content_type="application/fhir+json", headers=self.headers(**headers)
        )

    def headers(self, **more: str) -> dict[str, str]:
        """Return the headers of a call; `if_match` becomes `If-Match`."""
        named = {name.replace("_", "-"): value for name, value in more.items()}
        return {"Authorization": f"Bearer {self.token}", **named}


def partner(at: Organisation, *scopes: str) -> Partner:
    """Return a system of an organisation; without scopes, it holds every one."""
    token = uuid4().hex
    registered = FhirClient.objects.create(
        name=f"Logiciel {token[:6]} (fictif)", organisation=at, scopes=list(scopes or ALL), jwks={"keys": []}
    )
    AccessToken.objects.create(
        digest=hashlib.sha256(token.encode()).hexdigest(),
        client=registered,
        scopes=list(scopes or ALL),
        expires_at=now() + timedelta(minutes=5),
    )
    return Partner(at, token)


def announcement_bundle(registration: RegisterPerson, **parts: Any) -> dict[str, Any]:
    """Return the transaction Bundle by which a hospital announces an illness and proposes a plan."""
    urn = {
        name: f"urn:uuid:{uuid4()}" for name in ("patient", "condition", "communication", "doctor", "hospital", "task")
    }
    resources = {
        "task": {
            "resourceType": "Task",
            "status": "requested",
            "intent": "proposal",
            "code": {"coding": [{"system": LOCAL_TASK_CODE, "code": "propose-ppa"}]},
            "focus": {"reference": urn["condition"]},
            "for": {"reference": urn["patient"]},
            "authoredOn": today().isoformat(),
        },
        "communication": {
            "resourceType": "Communication",
            "status": "completed",
            "category": [{"coding": [{"system": LOCAL_COMMUNICATION_CATEGORY, "code": "announcement"}]}],
            "subject": {"reference": urn["patient"]},
            "recipient": [{"reference": urn["patient"]}],
            "sender": {"reference": urn["doctor"]},
            "about": [{"reference": urn["condition"]}],
            "sent": f"{today().isoformat()}T00:00:00+02:00",
        },
        "condition": {
            "resourceType": "Condition",
            "subject": {"reference": urn["patient"]},
            "code": {"coding": [{"system": ICD10, "code": "C34.1", "display": "Tumeur maligne du poumon"}]},
            "recordedDate": today().isoformat(),
            "recorder": {"reference": urn["doctor"]},
        },
        "patient": patient(registration),
        "doctor": {
            "resourceType": "Practitioner",
            "identifier": [{"system": RPPS, "value": "89999999999"}],
            "name": [{"family": "INVENTÉE", "given": ["Douce"], "prefix": ["Dr"]}],
        },
        "hospital": {
            "resourceType": "Organization",
            "identifier": [{"system": FINESS, "value": "990000999"}],
            "name": "Clinique du Grand Essai (fictif)",
        },
        **parts,
    }
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {"fullUrl": urn[name], "resource": one, "request": {"method": "POST", "url": one["resourceType"]}}
            for name, one in resources.items()
            if one is not None
        ],
    }


def patient(registration: RegisterPerson) -> dict[str, Any]:
    """Return the French-core Patient, as a hospital sends it, of an identity to register."""
    traits, contact = registration.traits, registration.contact
    commune = {"url": EXT_INSEE_CODE, "valueCoding": {"code": contact.commune}}
    status = {"url": "identityStatus", "valueCoding": {"system": FR_V2_0445, "code": "VALI"}}
    born = {"url": EXT_INSEE_CODE, "valueCoding": {"code": traits.birthplace}}
    number = registration.ins
    return {
        "resourceType": "Patient",
        "extension": [
            {"url": EXT_IDENTITY_RELIABILITY, "extension": [status]},
            {"url": EXT_BIRTH_PLACE, "valueAddress": {"extension": [born]}},
        ],
        "identifier": [{"system": f"urn:oid:{number.oid}", "value": number.value}] if number else [],
        "name": [
            {
                "use": "official",
                "family": traits.birth_name,
                "given": [traits.birth_given_names[0]],
                "extension": [{"url": EXT_BIRTH_LIST_GIVEN_NAME, "valueString": " ".join(traits.birth_given_names)}],
            }
        ],
        "gender": str(traits.sex),
        "birthDate": traits.birth_date.isoformat(),
        "telecom": [{"system": "phone", "value": phone} for phone in contact.phones],
        "address": [{"city": contact.city, "postalCode": contact.postal_code, "extension": [commune]}],
    }
