"""A designation that both have signed, as a Consent: the person permits, the trusted person is its actor.

No action is consented to: the trusted person gives testimony, she decides nothing in the
person's place. For which care she was chosen is the code of the provision, the limits that the person sets are
an exception to it, in her words; an older designation that may have been meant for one stay has an end that is
unknown. What she knows and holds is told when it was noted, never denied. Leave of a judge, and how it
ended, stand beside, each as a Provenance. Source: interop_fr.md §9.1; CSP L1111-6.
"""

from datetime import date
from typing import Final

from accounts.people.states import RelativeRole
from fhir_bridge.mappers import provenance
from fhir_bridge.mappers.care_plan import said
from fhir_bridge.mappers.related_person import role_id
from fhir_bridge.r4.codes import code_list
from fhir_bridge.r4.datatypes import Json, coding, compact, concept, extension, period, reference
from fhir_bridge.r4.systems import (
    CATEGORY_ADVANCE_DIRECTIVE,
    EXT_DATA_ABSENT_REASON,
    EXT_HOLDS_COPY,
    EXT_KNOWS_WISHES,
    LOCAL_DESIGNATION_SCOPE,
    POLICY_TRUSTED_PERSON,
    ROLE_TRUSTED_PERSON,
    SCOPE_ADVANCE_DIRECTIVE,
    SECTION_TRUSTED_PERSON,
)
from ppa.trusted_persons.records import DesignationSnapshot
from ppa.trusted_persons.states import END_MEANS_LABELS, State

STATUSES: Final = {
    State.ACTIVE: "active",
    State.SUSPENDED: "inactive",
    State.REVOKED: "inactive",
    State.RENOUNCED: "inactive",
    State.REPLACED: "inactive",
    State.LAPSED: "inactive",
    State.ENTERED_IN_ERROR: "entered-in-error",
}

ENDS: Final = {
    State.REVOKED: "Révocation de la désignation",
    State.RENOUNCED: "Renonciation de la personne de confiance",
    State.SUSPENDED: "Suspension de la désignation",
}


def is_shown(designation: DesignationSnapshot) -> bool:
    """Tell whether other systems see a designation: both have signed it, whatever came later."""
    return designation.state in STATUSES and designation.signatures.both and designation.relative_id is not None


def to_resource(designation: DesignationSnapshot) -> Json:
    """Return the Consent of a designation; raises `ValueError` for one that is not shown."""
    relative_id, signed = designation.relative_id, designation.signatures
    if not is_shown(designation) or relative_id is None or signed.person_signed_on is None:
        raise ValueError("Only a designation that both have signed is shown.")
    person = reference(f"Patient/{designation.person_id}")
    trusted = reference(f"RelatedPerson/{role_id(relative_id, RelativeRole.TRUSTED_PERSON)}")
    file = f"DocumentReference/{designation.document_id}" if designation.document_id else None
    return compact(
        resourceType="Consent",
        id=str(designation.id),
        extension=[
            extension(url, valueBoolean=True)
            for url, is_so in ((EXT_KNOWS_WISHES, designation.knows_wishes), (EXT_HOLDS_COPY, designation.holds_copy))
            if is_so
        ],
        status=STATUSES[designation.state],
        scope=_named("consent", *SCOPE_ADVANCE_DIRECTIVE),
        category=[_named("consent", *CATEGORY_ADVANCE_DIRECTIVE), _named("consent", *SECTION_TRUSTED_PERSON)],
        patient=person,
        dateTime=signed.person_signed_on.isoformat(),
        performer=[person],
        organization=[reference(f"Organization/{designation.organisation_id}")] if designation.organisation_id else [],
        sourceReference=reference(file) if file else None,
        policy=[{"uri": POLICY_TRUSTED_PERSON}],
        verification=[
            compact(
                verified=True,
                verifiedWith=trusted,
                verificationDate=signed.trusted_signed_on.isoformat() if signed.trusted_signed_on else None,
            )
        ],
        provision=compact(
            type_="permit",
            period=_period(designation),
            actor=[{"role": _named("contact_roles", *ROLE_TRUSTED_PERSON), "reference": trusted}],
            code=[_named("local", LOCAL_DESIGNATION_SCOPE, designation.scope)],
            provision=[{"type": "deny", "code": [concept(text=limits)]}]
            if (limits := said(designation.limits))
            else [],
        ),
    )


def to_end(designation: DesignationSnapshot) -> Json | None:
    """Return the Provenance of its end, or of its suspension: how it was said, by whom, who received it; `None` before one was noted."""
    means, ended_on, relative_id = designation.end_means, designation.ended_on, designation.relative_id
    if designation.state not in ENDS or means is None or ended_on is None or relative_id is None:
        return None
    said_by = {
        State.REVOKED: reference(f"Patient/{designation.person_id}"),
        State.RENOUNCED: reference(f"RelatedPerson/{role_id(relative_id, RelativeRole.TRUSTED_PERSON)}"),
    }
    return provenance.to_end(
        designation.id,
        told=f"{ENDS[designation.state]} : {END_MEANS_LABELS[means].lower()}",
        by=said_by.get(designation.state, reference(display="Juge")),
        ended_on=ended_on,
        recorded_at=designation.updated_at,
        received_by=designation.end_received_by,
    )


def _period(designation: DesignationSnapshot) -> Json:
    """Return from when to when it counts; the end of one in doubt is unknown."""
    ran = period(_starts_on(designation), designation.ended_on)
    if not designation.is_in_doubt or designation.ended_on is not None:
        return ran
    return ran | {"_end": {"extension": [extension(EXT_DATA_ABSENT_REASON, valueCode="unknown")]}}


def _starts_on(designation: DesignationSnapshot) -> date | None:
    """Return when it began to count; one taken back before the second signature never did, and ends as it begins."""
    days = [day for day in (designation.signatures.trusted_signed_on, designation.ended_on) if day]
    return min(days, default=None)


def _named(list_name: str, system: str, code: str) -> Json:
    return concept(coding(system, code, code_list(list_name).display(system, code)))
