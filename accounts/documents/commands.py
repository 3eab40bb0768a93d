"""Putting a kept file out of reach."""

from accounts.access.permissions import Permission
from accounts.access.records import Receipt
from accounts.access.unit import ANY_VERSION, Act, command
from accounts.documents.events import DocumentWithheld
from accounts.documents.models import Document
from accounts.documents.records import Scan, WithholdDocument
from accounts.kernel.clock import now


@command(Permission.DOCUMENT_WITHHOLD)
def withhold_document(record: WithholdDocument, act: Act) -> Receipt:
    """Let nobody open a file any more in which the antivirus recognises something dangerous."""
    document = act.open(Document, record.document_id, version=ANY_VERSION)
    if document.scan == Scan.WITHHELD:
        return Receipt(type=document.AGGREGATE, id=document.pk, version=document.version)
    document.scan, document.scanned_at = Scan.WITHHELD, now()
    return act.amend(document, "withhold", DocumentWithheld)
