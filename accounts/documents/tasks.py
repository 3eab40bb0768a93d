"""Files that the antivirus could not judge when they came, and what is told of one that it warns of later."""

import time
from dataclasses import replace
from datetime import timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import F
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.documents import clamd
from accounts.documents.commands import withhold_document
from accounts.documents.events import DocumentWithheld
from accounts.documents.models import Document
from accounts.documents.records import Scan, WithholdDocument
from accounts.documents.scanning import told
from accounts.documents.store import contents
from accounts.kernel.actor import Role, system_actor
from accounts.kernel.clock import PARIS, now
from accounts.kernel.crypto import Unreadable
from accounts.organisations.directory import addresses_of, places_of
from accounts.outbox.models import StoredEvent
from accounts.outbox.registry import consumer, scheduled

BATCH = 100
SECONDS_OF_A_RUN = 10.0
"""After which no other file is begun: the worker stops a task after thirty."""
WITHHELD = "Un fichier déposé par votre structure a été mis à l’écart"


@scheduled("documents-scan", every=timedelta(minutes=1), label="Fichiers à soumettre à l’antivirus")
def scan_waiting() -> int:
    """Ask about the files that nobody judged, those asked about longest ago first; return how many are judged now.

    A file that the antivirus does not take, or not in time, goes behind the others.
    """
    if not clamd.is_named() or not clamd.answers():
        return 0
    until = time.monotonic() + SECONDS_OF_A_RUN
    waiting = Document.objects.filter(scan=Scan.NOT_SCANNED).order_by(F("scanned_at").asc(nulls_first=True), "pk")
    judged = 0
    for document in waiting[:BATCH]:
        if time.monotonic() >= until:
            break
        Document.objects.filter(pk=document.pk).update(scanned_at=now())
        try:
            found = told(b"".join(contents(document)))
        except (clamd.NoAnswer, clamd.NotJudged, Unreadable):
            continue
        _note(document, found)
        judged += 1
    return judged


def _note(document: Document, found: Scan) -> None:
    if found == Scan.WITHHELD:
        clerk = replace(system_actor("documents-scan"), organisation_id=document.organisation_id)
        withhold_document(WithholdDocument(document_id=document.pk), by=clerk)
    else:
        Document.objects.filter(pk=document.pk, scan=Scan.NOT_SCANNED).update(scan=found)


@consumer(
    "document-withheld-alert", DocumentWithheld, label="Fichiers mis à l’écart dits à la structure qui les a déposés"
)
def tell_of_withheld(event: StoredEvent) -> None:
    """Write to those who answer for the structure that handed the file in, else to those who work there, in neutral words."""
    place = Document.objects.filter(pk=event.aggregate_id).values_list("organisation_id", flat=True).first()
    if place is None:
        return
    places = places_of([place])[place]
    recipients = {*addresses_of(places, Role.BED_MANAGER), *addresses_of(places, Role.PRIVACY_OFFICER)}
    if not recipients:
        carers = {*addresses_of(places, Role.PHYSICIAN), *addresses_of(places, Role.NURSE)}
        recipients = {*carers, *addresses_of(places, Role.COORDINATOR)}
    if recipients:
        file = reverse("documents:download", args=[event.aggregate_id])
        words = {"at": event.at.astimezone(PARIS), "address": settings.PUBLIC_URL, "file": file}
        send_mail(WITHHELD, render_to_string("emails/document_withheld.txt", words), None, sorted(recipients))
