"""Putting a copy together: a page in French to begin with, her papers, the FHIR bundle, every other row, the list of openings."""

import io
import zipfile
from uuid import UUID

import orjson
from django.template.loader import render_to_string

from accounts.documents.rules import SUFFIXES
from accounts.kernel.clock import PARIS, now
from accounts.people.queries import person_snapshot
from accounts.rights.queries import papers_of
from accounts.trails.paper import access_list_pdf
from accounts.trails.queries import access_list
from fhir_bridge.export.tables import held_about
from fhir_bridge.r4.datatypes import Json, instant
from fhir_bridge.repository.models import Resource
from fhir_bridge.repository.store import stored

BUNDLE, ROWS, OPENINGS = "donnees/dossier-fhir.json", "donnees/enregistrements.json", "acces/acces-au-dossier.pdf"


def archive_of(person_id: UUID) -> bytes:
    """Return the ZIP of everything that the deployment holds about a person, unscoped: for the clerk that two persons ordered."""
    out = io.BytesIO()
    papers = []
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (card, content) in enumerate(papers_of(person_id), 1):
            day = card.created_at.astimezone(PARIS).date()
            name = f"documents/{number:02d}-{card.kind}-{day}.{SUFFIXES[card.content_type]}" if content else ""
            if content:
                archive.writestr(name, content)
            papers.append((name, card.title, day))
        resources = bundle_of(person_id)
        archive.writestr(BUNDLE, orjson.dumps(resources, option=orjson.OPT_INDENT_2))
        held = held_about(person_id)
        archive.writestr(ROWS, orjson.dumps(held, option=orjson.OPT_INDENT_2, default=str))
        person = person_snapshot(person_id)
        archive.writestr(OPENINGS, access_list_pdf(access_list(person_id), person))
        page = render_to_string(
            "fhir_bridge/export/index.html",
            {
                "person": person, "papers": papers, "bundle": BUNDLE, "openings": OPENINGS,
                "resources": len(resources["entry"]), "rows_file": ROWS, "rows": sum(map(len, held.values())), "made_at": now(),
            },
        )  # fmt: skip
        archive.writestr("LISEZ-MOI.html", page)
    return out.getvalue()


def bundle_of(person_id: UUID) -> Json:
    """Return the FHIR collection of every present resource about a person, as partners read them in full."""
    rows = Resource.objects.filter(person_id=person_id, deleted=False).order_by("rtype", "fid")
    entries = [
        {"fullUrl": f"urn:uuid:{row.fid}", "resource": orjson.loads(stored(row, in_full=True).body)}
        for row in rows.iterator(chunk_size=500)
    ]
    return {"resourceType": "Bundle", "type": "collection", "timestamp": instant(now()), "entry": entries}
