"""A document of directives as Consents: one for the whole, one for each wish, all pointing to the file.

Only the whole has an identifier, by which it is told from its wishes: with `status=active` it answers in
one call which document is the latest. A former one is inactive: taken back, it says since when (`provision.period.end`);
replaced, it says nothing of the kind. `policyRule` names the text of the law of its day. A document that waits to be verified is a draft, never active. What has no code of its own
(comfort care alone, the person's text, the headings of a model) is an "other" wish in words. Source: interop_fr.md §8.1, §9.2.
"""

from collections.abc import Iterator
from typing import Final
from uuid import UUID, uuid5

from fhir_bridge.r4.codes import code_list
from fhir_bridge.r4.datatypes import Json, coding, compact, concept, identifier, period, reference
from fhir_bridge.r4.systems import (
    CATEGORY_ADVANCE_DIRECTIVE,
    POLICY_DIRECTIVES,
    SCOPE_ADVANCE_DIRECTIVE,
    SECTION_DIRECTIVES,
    URI,
)
from ppa.directives.records import DirectiveSnapshot, Wish
from ppa.directives.states import OTHER_SUBJECT, SUBJECTS, WHOLE_DOCUMENT, Decision, State
from ppa.directives.texts import headings, text_named

STATUSES: Final = {
    State.TO_VERIFY: "draft",
    State.LEGAL_BASIS_TO_CONFIRM: "draft",
    State.VALID: "active",
    State.SUPERSEDED: "inactive",
    State.REVOKED: "inactive",
    State.ENTERED_IN_ERROR: "entered-in-error",
}
COMFORT_ONLY: Final = "Soins de confort uniquement"
_WITHOUT_TYPE: Final = frozenset({WHOLE_DOCUMENT, OTHER_SUBJECT})


def to_resources(directive: DirectiveSnapshot) -> Iterator[Json]:
    """Yield the Consent of the whole document, under its own id, then one for each wish."""
    revoked_on = directive.revocation.revoked_on if directive.revocation else None
    said = compact(period=period(None, revoked_on), code=[_code(WHOLE_DOCUMENT)])
    whole = _consent(directive, directive.id, said)
    yield whole | {"identifier": [identifier(URI, f"urn:uuid:{directive.id}")]}
    for wish in directive.wishes:
        if wish.code != WHOLE_DOCUMENT:
            yield _consent(directive, uuid5(directive.id, wish.code), _provision(wish))
    if directive.comfort_only:
        yield _in_words(directive, "comfort-only", COMFORT_ONLY)
    if directive.text:
        yield _in_words(directive, "text", directive.text)
    for heading in headings():
        if words := directive.sections.get(heading.code):
            yield _in_words(directive, f"section-{heading.code}", f"{heading.title} : {words}")


def _consent(directive: DirectiveSnapshot, id: UUID, provision: Json) -> Json:
    person = reference(f"Patient/{directive.person_id}")
    file = f"DocumentReference/{directive.document_id}" if directive.document_id else None
    return compact(
        resourceType="Consent",
        id=str(id),
        status=STATUSES[directive.state],
        scope=_named(*SCOPE_ADVANCE_DIRECTIVE),
        category=[_named(*CATEGORY_ADVANCE_DIRECTIVE), _named(*SECTION_DIRECTIVES)],
        patient=person,
        dateTime=directive.signed_on.isoformat() if directive.signed_on else None,
        performer=[person],
        organization=[reference(f"Organization/{directive.organisation_id}")] if directive.organisation_id else [],
        sourceReference=reference(file) if file else None,
        policy=[{"uri": POLICY_DIRECTIVES}],
        policyRule=concept(text=text_named(directive.legal_version).title),
        provision=provision,
    )


def _provision(wish: Wish) -> Json:
    typed = wish.decision != Decision.OTHER and wish.code not in _WITHOUT_TYPE
    return compact(type_=str(wish.decision) if typed else None, code=[_code(wish.code, wish.note)])


def _in_words(directive: DirectiveSnapshot, name: str, words: str) -> Json:
    return _consent(directive, uuid5(directive.id, name), {"code": [_code(OTHER_SUBJECT, words)]})


def _code(code: str, words: str = "") -> Json:
    system = SUBJECTS[code].system
    return concept(coding(system, code, code_list("directive_wishes").display(system, code)), text=words)


def _named(system: str, code: str) -> Json:
    return concept(coding(system, code, code_list("consent").display(system, code)))
