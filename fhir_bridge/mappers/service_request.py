"""A request as a ServiceRequest: what is asked, how soon, of which offers.

Source: interop_fr.md §9.4.
"""

from collections.abc import Sequence
from uuid import UUID

from fhir_bridge.r4.codes import code_list
from fhir_bridge.r4.datatypes import Json, coding, compact, concept, identifier, instant, period, reference
from fhir_bridge.r4.systems import (
    ACTIVITY_PALLIATIVE,
    PALLIATIVE_CARE,
    PLACER_TYPE,
    R211,
    R213,
    URI,
    V2_0203,
)
from pathway.referrals.records import RequestSnapshot, sections_of
from pathway.structures.states import EXCLUSION_LABELS, KINDS


def to_resource(request: RequestSnapshot, *, consents: Sequence[UUID] = (), care_plans: Sequence[UUID] = ()) -> Json:
    """Return the ServiceRequest of a request; `consents` and `care_plans` are those that go with it."""
    facts = KINDS[request.kind]
    return compact(
        resourceType="ServiceRequest",
        id=str(request.id),
        identifier=[
            identifier(URI, f"urn:uuid:{request.id}", type_=concept(coding(V2_0203, PLACER_TYPE))),
        ],
        basedOn=[reference(f"CarePlan/{each}") for each in care_plans],
        requisition=identifier(URI, f"urn:uuid:{request.group_identifier}"),
        status=str(request.state),
        intent="order",
        category=[concept(coding(*PALLIATIVE_CARE))],
        priority=str(request.urgency),
        code=concept(_code(R211, facts.activity or ACTIVITY_PALLIATIVE[1], "activities"), text=facts.long_label),
        orderDetail=[concept(_code(R213, facts.care_mode, "care_modes"))] if facts.care_mode else None,
        subject=reference(f"Patient/{request.person_id}"),
        occurrencePeriod=period(end=request.answer_wanted_by) if request.answer_wanted_by else None,
        authoredOn=instant(request.sent_at or request.created_at),
        requester=_requester(request),
        performer=[reference(f"HealthcareService/{each}") for each in request.offer_ids],
        reasonCode=[concept(text=request.dossier.reason)] if request.dossier.reason else None,
        supportingInfo=[reference(f"Consent/{each}") for each in consents],
        note=[{"text": text} for text in _notes(request)],
    )


def _requester(request: RequestSnapshot) -> Json:
    return reference(f"Organization/{request.sender_id}")


def _code(system: str, code: str, names: str) -> Json:
    return coding(system, code, code_list(names).display(system, code))


def _notes(request: RequestSnapshot) -> list[str]:
    told = [f"{label} : {text}" for label, text in sections_of(request.dossier) if text != request.dossier.reason]
    needs = ", ".join(EXCLUSION_LABELS[need] for need in sorted(request.needs))
    return [*told, *([f"À savoir pour l’accueil : {needs}"] if needs else [])]
