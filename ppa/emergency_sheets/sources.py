"""What a sheet takes from the file, as it stands now: read alike by the page, the signature and the watch over what changes."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from accounts.access.queries import circle_snapshot
from accounts.kernel.clock import now
from accounts.organisations.directory import associations_among, organisation_names, phones_of
from accounts.people.queries import person_snapshot, relatives_snapshot
from accounts.people.records import PersonSnapshot, RelativeSnapshot
from accounts.people.states import RelativeRole
from ppa.announcements.queries import announcements_snapshot
from ppa.crises.queries import crises_snapshot
from ppa.crises.records import CrisisSnapshot, PrescriptionSnapshot
from ppa.directives.queries import directives_snapshot
from ppa.directives.records import DirectiveSnapshot
from ppa.directives.states import OPEN, PLACE_LABELS, State
from ppa.emergency_sheets.records import Written
from ppa.emergency_sheets.states import Phase
from ppa.plans.queries import plan_summary, version_snapshot
from ppa.plans.states import PlanState
from ppa.trusted_persons.queries import active_designation

FIRST_ROLES = (RelativeRole.TRUSTED_PERSON, RelativeRole.CONTACT, RelativeRole.CARER, RelativeRole.LEGAL_REPRESENTATIVE)
NOT_RANKED = 100


def sources_of(person_id: UUID) -> dict[str, Any]:
    """Return what stands in a person's file for her sheet, unscoped, in the parts of `rules.PARTS`."""
    person, crises = person_snapshot(person_id), crises_snapshot(person_id)
    relatives = [one for one in relatives_snapshot(person_id) if one.active]
    return {
        "person": {
            "name": person.display_name,
            "birth_date": person.traits.birth_date.isoformat(),
            "sex": str(person.traits.sex),
            "ins": person.ins.value if person.ins else "",
        },
        "address": _address(person),
        "phones": list(person.contact.phones),
        "contacts": [_contact(one) for one in sorted(relatives, key=_rank)],
        "trusted": _trusted(person_id, relatives),
        "directives": _directives(directives_snapshot(person_id)),
        "drugs": [_drug(crisis, one) for crisis in crises for one in crisis.prescriptions],
        "crises": [_crisis(one) for one in crises],
        "places": _places(person_id),
        "teams": _teams(person_id),
        "announcements": [
            {"on": one.announced_on.isoformat(), "illness": one.diagnosis_label or one.diagnosis_code}
            for one in announcements_snapshot(person_id)
        ],
    }


def proposed(sources: Mapping[str, Any]) -> Written:
    """Return a first draft made of what stands in the file, for a physician to complete."""
    crises = sources["crises"]
    illnesses = dict.fromkeys(one["illness"] for one in sources["announcements"] if one["illness"])
    return Written(
        phase=Phase.PALLIATIVE,
        illness="\n".join(illnesses),
        symptoms="\n".join(f"{one['title']} : {one['signs']}" for one in crises),
        conduct="\n".join(f"{one['title']} : {one['response']}" for one in crises),
        comfort_only=sources["directives"]["comfort_only"],
        call="\n".join(dict.fromkeys(one["call"] for one in crises if one["call"])),
    )


def _address(person: PersonSnapshot) -> dict[str, str]:
    contact = person.contact
    return {
        "street": contact.street,
        "postal_code": contact.postal_code,
        "city": contact.city,
        "departement": person.departement,
    }


def _rank(one: RelativeSnapshot) -> tuple[bool, int, int, str]:
    """Return where a relative stands: the trusted person, those with a place in the order of calls, the others by their roles."""
    ranks = [number for number, role in enumerate(FIRST_ROLES) if role in one.roles]
    called = one.call_rank if one.call_rank is not None else NOT_RANKED
    return RelativeRole.TRUSTED_PERSON not in one.roles, called, min(ranks, default=len(FIRST_ROLES)), str(one.id)


def _contact(one: RelativeSnapshot) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "name": f"{one.given} {one.family}",
        "relation": one.relation_label,
        "roles": list(one.role_labels),
        "phones": list(one.contact.phones),
    }


def _trusted(person_id: UUID, relatives: list[RelativeSnapshot]) -> dict[str, Any] | None:
    held = active_designation(person_id)
    relative = next((one for one in relatives if held and one.id == held.relative_id), None)
    return {**_contact(relative), "limits": held.limits} if held and relative else None


def _directives(documents: list[DirectiveSnapshot]) -> dict[str, Any]:
    current = next((one for one in documents if one.state == State.VALID), None)
    waiting = sum(one.state in OPEN and one.state != State.VALID for one in documents)
    if current is None:
        return {"signed_on": "", "comfort_only": False, "wishes": [], "kept": [], "waiting": waiting}
    holder = current.holder
    kept = [" ".join(part for part in (holder.name, holder.phone) if part)] if holder else []
    kept += [", ".join(part for part in (PLACE_LABELS[one.place], one.where) if part) for one in current.deposits]
    return {
        "signed_on": current.signed_on.isoformat() if current.signed_on else "",
        "comfort_only": current.comfort_only,
        "wishes": [{"code": one.code, "decision": str(one.decision), "note": one.note} for one in current.wishes],
        "kept": kept,
        "waiting": waiting,
    }


def _crisis(one: CrisisSnapshot) -> dict[str, str]:
    told = one.told
    return {"title": one.title, "signs": told.signs, "response": told.response, "call": told.call}


def _drug(crisis: CrisisSnapshot, one: PrescriptionSnapshot) -> dict[str, Any]:
    home = one.home
    return {
        "for": crisis.title,
        "drug": one.order.drug,
        "dose": one.dose_label,
        "route": one.route_label,
        "interval": one.interval_label,
        "maximum": one.max_label,
        "givers": one.givers_label,
        "place": one.order.place,
        "review_by": one.order.review_by.isoformat(),
        "remark": one.order.remark,
        "found": str(home.found) if home else "",
        "expires_on": _day(home.expires_on if home else None),
        "seen_on": _day(home.checked_on if home else None),
    }


def _places(person_id: UUID) -> list[dict[str, str]]:
    """Return the wished places of the plan that she agreed to and a physician signed."""
    plan = plan_summary(person_id)
    if plan is None or not plan.versions or plan.state == PlanState.CLOSED:
        return []
    places = version_snapshot(plan.versions[0].id).content.get("places", ())
    return [{name: str(one[name]) for name in ("moment", "place", "words")} for one in places]


def _teams(person_id: UUID) -> list[dict[str, str]]:
    instant = now()
    here = {one.organisation_id for one in circle_snapshot(person_id) if one.until is None or one.until > instant}
    here -= associations_among(here)
    names, phones = organisation_names(here), phones_of(here)
    teams = [{"name": name, "phone": phones.get(id, "")} for id, name in names.items()]
    return sorted(teams, key=lambda team: team["name"])


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
