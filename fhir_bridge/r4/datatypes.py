"""Builders of FHIR datatypes: plain dicts, ready to serialise, without empty members.

A builder drops None, empty strings, empty lists and empty dicts, because FHIR JSON has no empty element.
"""

import base64
import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from html import escape
from typing import Any, Final

XHTML: Final = "http://www.w3.org/1999/xhtml"

Json = dict[str, Any]
"""A FHIR element or resource as parsed JSON."""


def compact(**members: Any) -> Json:
    """Return the members that hold something; a trailing underscore is dropped (`class_` → `class`).

    False and 0 hold something. A leading underscore is kept: `_birthDate` is FHIR's own.
    """
    return {key.rstrip("_"): value for key, value in members.items() if not _is_empty(value)}


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str | list | tuple | dict) and not value)


def coding(system: str | None, code: str | None, display: str | None = None) -> Json:
    """Return a Coding."""
    return compact(system=system, code=code, display=display)


def concept(*codings: Json, text: str | None = None) -> Json:
    """Return a CodeableConcept of the codings given, most precise first."""
    return compact(coding=[each for each in codings if each], text=text)


def identifier(
    system: str | None,
    value: str,
    *,
    use: str | None = None,
    type_: Json | None = None,
    period: Json | None = None,
    assigner: Json | None = None,
) -> Json:
    """Return an Identifier; `type_` is a CodeableConcept."""
    return compact(use=use, type_=type_, system=system, value=value, period=period, assigner=assigner)


def reference(
    target: str | None = None,
    *,
    type_: str | None = None,
    identifier: Json | None = None,
    display: str | None = None,
) -> Json:
    """Return a Reference; `target` is relative (`Patient/…`), a fragment or `urn:uuid:…`."""
    return compact(reference=target, type_=type_, identifier=identifier, display=display)


def human_name(
    *,
    family: str | None = None,
    given: Sequence[str] = (),
    use: str | None = None,
    prefix: Sequence[str] = (),
    text: str | None = None,
    extension: Sequence[Json] = (),
) -> Json:
    """Return a HumanName."""
    return compact(extension=list(extension), use=use, text=text, family=family, given=list(given), prefix=list(prefix))


def telecom(system: str, value: str, *, use: str | None = None, rank: int | None = None) -> Json:
    """Return a ContactPoint; `system` is `phone`, `email`, `sms`…, rank 1 is tried first."""
    return compact(system=system, value=value, use=use, rank=rank)


def address(
    *,
    lines: Sequence[str] = (),
    postal_code: str | None = None,
    city: str | None = None,
    country: str | None = None,
    use: str | None = None,
    extension: Sequence[Json] = (),
) -> Json:
    """Return an Address; the INSEE code of the commune travels in `extension`."""
    return compact(
        extension=list(extension), use=use, line=list(lines), city=city, postalCode=postal_code, country=country
    )


def extension(url: str, *parts: Json, **value: Any) -> Json:
    """Return an Extension holding either nested extensions or one `value[x]` (`valueCode="…"`)."""
    return compact(url=url, extension=[part for part in parts if part], **value)


def instant(moment: datetime) -> str:
    """Return a FHIR instant in UTC with `Z`, to the millisecond when the moment has fractions.

    Raises ValueError for a naive datetime: a moment without a zone is not a moment.
    """
    if moment.tzinfo is None:
        raise ValueError("a FHIR instant needs a time zone")
    precision = "milliseconds" if moment.microsecond else "seconds"
    return moment.astimezone(UTC).isoformat(timespec=precision).replace("+00:00", "Z")


def moment(value: datetime | date) -> str:
    """Return a FHIR dateTime: a day for a date, an instant for a datetime."""
    return instant(value) if isinstance(value, datetime) else value.isoformat()


def period(start: datetime | date | None = None, end: datetime | date | None = None) -> Json:
    """Return a Period; a missing end means still running."""
    return compact(start=moment(start) if start else None, end=moment(end) if end else None)


def attachment(
    content_type: str,
    *,
    title: str | None = None,
    data: bytes | None = None,
    url: str | None = None,
    created: datetime | date | None = None,
    language: str | None = "fr-FR",
) -> Json:
    """Return an Attachment; with `data`, its size and SHA-1 follow, as IHE MHD and PDSm ask."""
    content: Json = {}
    if data is not None:
        content = {"data": base64.b64encode(data).decode(), "size": len(data), "hash": sha1_base64(data)}
    return compact(
        contentType=content_type,
        language=language,
        url=url,
        title=title,
        creation=moment(created) if created else None,
        **content,
    )


def sha1_base64(content: bytes) -> str:
    """Return the digest that FHIR puts in Attachment.hash: a check of integrity, not of authenticity."""
    return base64.b64encode(hashlib.sha1(content, usedforsecurity=False).digest()).decode()


def meta(
    *,
    version: int | str | None = None,
    updated: datetime | None = None,
    profiles: Sequence[str] = (),
    security: Sequence[Json] = (),
    tags: Sequence[Json] = (),
) -> Json:
    """Return a Meta."""
    return compact(
        versionId=None if version is None else str(version),
        lastUpdated=instant(updated) if updated else None,
        profile=list(profiles),
        security=list(security),
        tag=list(tags),
    )


def narrative(title: str, rows: Iterable[tuple[str, str | None]] = ()) -> Json:
    """Return a generated Narrative: a title, then label and value lines; everything is escaped, empty values left out."""
    lines = "".join(f"<tr><th>{escape(label)}</th><td>{escape(value)}</td></tr>" for label, value in rows if value)
    table = f"<table>{lines}</table>" if lines else ""
    div = f'<div xmlns="{XHTML}" xml:lang="fr" lang="fr"><p>{escape(title)}</p>{table}</div>'
    return {"status": "generated", "div": div}
