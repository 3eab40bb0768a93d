"""A sheet in the order in which a regulator reads: who, what not to do, what to do, what is at home, whom to call. Pure.

The page, the emergency view and the paper show the same lines.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from accounts.kernel.clock import day_of
from accounts.people.phones import phone
from accounts.people.states import SEX_LABELS, Sex
from ppa.crises.states import Found
from ppa.directives.states import OTHER_SUBJECT, STATED_LABELS, SUBJECTS, WHOLE_DOCUMENT, Decision
from ppa.emergency_sheets.records import Content, SheetVersionSnapshot, Written
from ppa.emergency_sheets.rules import SUBJECT_OF, written_from
from ppa.emergency_sheets.states import (
    MEASURE_LABELS,
    NOT_TO_DO,
    PHASE_LABELS,
    SEDATION_LABELS,
    STANCE_LABELS,
    TO_DO,
    TRANSFER_LABELS,
    Phase,
    Sedation,
    Transfer,
)
from ppa.plans.states import MOMENT_LABELS, PLACE_LABELS, Place, PlaceMoment

AT_HOME: Final = {Found.PRESENT: "Présent", Found.PARTIAL: "Il en manque", Found.ABSENT: "Absent"}


def lines_of(content: Content) -> dict[str, Any]:
    """Return what a sheet shows, in words; every value is a text, a list of texts or of named texts."""
    written, sources = written_from(content["written"]), content["sources"]
    return {
        "phase": PHASE_LABELS[written.phase],
        "is_terminal": written.phase == Phase.TERMINAL,
        "who": _who(sources),
        "not_to_do": list(_not_to_do(written, sources)),
        "to_do": list(_to_do(written, sources)),
        "comfort_only": written.comfort_only,
        "conduct": written.conduct,
        "illness": written.illness,
        "symptoms": written.symptoms,
        "goals": written.goals,
        "devices": written.devices,
        "drugs": [_drug(one) for one in sources["drugs"]],
        "call": written.call,
        "people": list(_people(sources)),
        "teams": [{"name": one["name"], "phone": phone(one["phone"])} for one in sources["teams"]],
        "directives": _directives(sources["directives"]),
        "comments": written.comments,
    }


def day(iso: str) -> str:
    """Return a day as a sheet writes it: 20/11/2026."""
    return f"{date.fromisoformat(iso):%d/%m/%Y}" if iso else ""


def replacement_message(version: SheetVersionSnapshot, *, former: int) -> str:
    """Return the words that go with a new version to who holds a former one: nobody's name but the signer's."""
    signed_on = day_of(version.signed_at)
    return (
        f"La Fiche Urgence Pallia jointe, version {version.number} du {day(signed_on.isoformat())}, signée par {version.signer}, "
        f"remplace la version {former}.\n"
        f"Merci de détruire ou d’effacer la version {former}. Le code imprimé sur la fiche permet de vérifier sa version."
    )


def _who(sources: Mapping[str, Any]) -> dict[str, Any]:
    person, at = sources["person"], sources["address"]
    city = f"{at['postal_code']} {at['city']}".strip()
    return {
        "name": person["name"],
        "born": day(person["birth_date"]),
        "sex": SEX_LABELS[Sex(person["sex"])],
        "ins": person["ins"],
        "address": ", ".join(part for part in (at["street"], city) if part),
        "phones": [phone(one) for one in sources["phones"]],
    }


def _not_to_do(written: Written, sources: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Yield the measures that are refused or advised against, then the refusals of the directives that no measure says."""
    said = set()
    for measure, stance in written.measures.items():
        if stance in NOT_TO_DO:
            said.add(SUBJECT_OF[measure])
            yield {"what": MEASURE_LABELS[measure], "why": STANCE_LABELS[stance]}
    if written.transfer == Transfer.AVOID:
        yield {"what": "Transfert à l’hôpital", "why": TRANSFER_LABELS[written.transfer]}
    if written.sedation == Sedation.REFUSED:
        yield {"what": "Sédation", "why": SEDATION_LABELS[written.sedation]}
    yield from _wishes(sources, Decision.DENY, but=said)


def _to_do(written: Written, sources: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    said = set()
    for measure, stance in written.measures.items():
        if stance in TO_DO:
            said.add(SUBJECT_OF[measure])
            yield {"what": MEASURE_LABELS[measure], "why": STANCE_LABELS[stance]}
    if written.transfer in (Transfer.DIRECT, Transfer.ANY) or written.transfer_to:
        where = f" : {written.transfer_to}" if written.transfer_to else ""
        yield {"what": "Transfert", "why": f"{TRANSFER_LABELS[written.transfer]}{where}"}
    if written.sedation != Sedation.REFUSED:
        yield {"what": "Sédation", "why": SEDATION_LABELS[written.sedation]}
    yield from _wishes(sources, Decision.PERMIT, but=said)
    yield from _wishes(sources, Decision.OTHER, but=set())
    for one in sources["places"]:
        words = f" (« {one['words']} »)" if one["words"] else ""
        yield {
            "what": MOMENT_LABELS[PlaceMoment(one["moment"])],
            "why": f"{PLACE_LABELS[Place(one['place'])]}{words}",
        }


def _wishes(sources: Mapping[str, Any], decision: Decision, *, but: set[str]) -> Iterator[dict[str, str]]:
    told = sources["directives"]
    for wish in told["wishes"]:
        code = wish["code"]
        if wish["decision"] != decision or code in but:
            continue
        label = "Autre souhait" if code in (OTHER_SUBJECT, WHOLE_DOCUMENT) else SUBJECTS[code].label
        note = f" : « {wish['note']} »" if wish["note"] else ""
        yield {"what": label, "why": f"{STATED_LABELS[decision]}, directives du {day(told['signed_on'])}{note}"}


def _drug(one: Mapping[str, Any]) -> dict[str, Any]:
    is_there = one["found"] == Found.PRESENT
    home = AT_HOME[Found(one["found"])] if one["found"] else "Pas vérifié"
    seen = f", vu le {day(one['seen_on'])}" if one["seen_on"] else ""
    expires = f", périme le {day(one['expires_on'])}" if one["expires_on"] else ""
    return {
        "drug": one["drug"],
        "for": one["for"],
        "dose": f"{one['dose']}, {one['route'].lower()}",
        "limits": f"{one['interval']} entre deux, {one['maximum']} / 24 h",
        "givers": one["givers"],
        "place": one["place"],
        "home": f"{home}{seen}{expires}",
        "is_there": is_there,
        "review_by": day(one["review_by"]),
        "remark": one["remark"],
    }


def _people(sources: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    trusted = sources["trusted"]
    for one in sources["contacts"]:
        is_trusted = trusted is not None and one["id"] == trusted["id"]
        yield {
            "name": one["name"],
            "relation": one["relation"],
            "roles": ", ".join(one["roles"]),
            "limits": trusted["limits"] if is_trusted and trusted else "",
            "phones": [phone(number) for number in one["phones"]],
            "is_trusted": is_trusted,
        }


def _directives(told: Mapping[str, Any]) -> dict[str, Any]:
    if told["signed_on"]:
        sentence = f"Directives anticipées du {day(told['signed_on'])}."
    elif told["waiting"]:
        sentence = "Des directives anticipées existent, à vérifier."
    else:
        sentence = "Pas de directives anticipées connues."
    return {"sentence": sentence, "kept": list(told["kept"]), "is_known": bool(told["signed_on"] or told["waiting"])}
