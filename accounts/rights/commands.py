"""Writing requests for a copy, addenda, answers to wishes to erase."""

from accounts.access.permissions import Permission
from accounts.access.records import Facts, Receipt
from accounts.access.unit import Act, command
from accounts.documents.models import Document
from accounts.documents.records import DocumentKind, NewFile
from accounts.documents.rules import ARCHIVE
from accounts.documents.store import discard, keep
from accounts.kernel.clock import instant_of, now, today
from accounts.kernel.errors import NotAllowed
from accounts.retention.periods import kept
from accounts.rights.events import AddendumAdded, ErasureAnswered, ExportMoved
from accounts.rights.models import AccessExport, Addendum, ErasureAnswer
from accounts.rights.records import AddAddendum, AnswerErasure, RequestAccess, StepExport, StoreExport
from accounts.rights.rules import KEPT_FOR, NothingToRectify, check_addendum, check_asked
from accounts.rights.states import ExportAction
from accounts.rights.targets import is_rectifiable


@command(Permission.RGPD_REQUEST_CREATE_ACCESS_REQUEST)
def request_access(record: RequestAccess, act: Act) -> Receipt:
    """Note that the person asks for a copy of her file, with the paper that she signed."""
    act.ask(
        Facts(
            type="access_export", person_id=record.person_id, organisation_id=act.by.organisation_id,
            signed_request=bool(record.paper.content),
        )
    )  # fmt: skip
    check_asked(record.asked_on, today())
    if act.by.id is None or act.by.professional_id is None:
        raise NotAllowed
    export = AccessExport(
        person_id=record.person_id,
        organisation_id=act.organisation_id,
        asked_on=record.asked_on,
        asked_by=act.by.id,
        asker_id=act.by.professional_id,
    )
    export.paper = keep(record.paper, act, person_id=record.person_id, kind=DocumentKind.EVIDENCE, source_id=export.id)
    return act.add(export, "ask", ExportMoved, at=instant_of(record.asked_on))


@command(Permission.RGPD_REQUEST_PRODUCE_EXPORT)
def approve_export(record: StepExport, act: Act) -> Receipt:
    """Let the copy be made: the act of a privacy officer, another account than the one that asked."""
    export = act.open(AccessExport, record.export_id, version=record.version)
    export.approver_id = act.by.professional_id
    return act.advance(export, ExportAction.APPROVE, ExportMoved)


@command(Permission.RGPD_REQUEST_BUILD_EXPORT)
def store_export(record: StoreExport, act: Act) -> Receipt:
    """Keep the copy that was made, encrypted, for seven days."""
    export = act.open(AccessExport, record.export_id, version=record.version)
    archive = NewFile(title="Copie du dossier", content=record.content, content_type=ARCHIVE, made_here=True)
    export.document = keep(archive, act, person_id=export.person_id, kind=DocumentKind.EXPORT, source_id=export.id)
    export.expires_at = now() + KEPT_FOR
    return act.advance(export, ExportAction.MAKE_READY, ExportMoved)


@command(Permission.RGPD_REQUEST_HAND_OVER)
def hand_over(record: StepExport, act: Act) -> Receipt:
    """Note who handed the copy to the person."""
    export = act.open(AccessExport, record.export_id, version=record.version)
    export.handed_by_id = act.by.professional_id
    return act.advance(export, ExportAction.HAND_OVER, ExportMoved)


@command(Permission.RGPD_REQUEST_BUILD_EXPORT)
def expire_export(record: StepExport, act: Act) -> Receipt:
    """Erase the copy once its seven days are over; that it was made and handed over stays noted."""
    return _erased(record, ExportAction.EXPIRE, act)


@command(Permission.RGPD_REQUEST_BUILD_EXPORT)
def withdraw_export(record: StepExport, act: Act) -> Receipt:
    """Erase a copy that may hold a file set aside since; unless it was handed over, it is made again without it.

    One that is being made has another version from now on, and is not kept.
    """
    return _erased(record, ExportAction.WITHDRAW, act)


def _erased(record: StepExport, action: ExportAction, act: Act) -> Receipt:
    export = act.open(AccessExport, record.export_id, version=record.version)
    document, export.document = export.document, None
    receipt = act.advance(export, action, ExportMoved)
    if document is not None:
        discard(Document.objects.get(pk=document.pk))
    return receipt


@command(Permission.RGPD_REQUEST_RECTIFY_BY_ADDENDUM)
def add_addendum(record: AddAddendum, act: Act) -> Receipt:
    """Write a rectification beside what was written about the person, by whoever may read it."""
    act.ask(Facts(type="addendum", person_id=record.person_id))
    check_addendum(record.target_type, record.text, record.reason)
    if act.by.professional_id is None:
        raise NotAllowed
    if not is_rectifiable(record.person_id, record.target_type, record.target_id, actor=act.by):
        raise NothingToRectify
    addendum = Addendum(
        person_id=record.person_id,
        target_type=record.target_type,
        target_id=record.target_id,
        text=record.text.strip(),
        reason=record.reason.strip(),
        author_id=act.by.professional_id,
        organisation_id=act.organisation_id,
    )
    return act.add(addendum, "add", AddendumAdded)


@command(Permission.RGPD_REQUEST_ANSWER_ERASURE)
def answer_erasure(record: AnswerErasure, act: Act) -> Receipt:
    """Refuse a wish to erase a file that the law makes be kept, and keep the answer with its reason and its day."""
    act.ask(Facts(type="erasure_answer", person_id=record.person_id))
    check_asked(record.asked_on, today())
    if act.by.professional_id is None:
        raise NotAllowed
    period = kept(record.person_id)
    answer = ErasureAnswer(
        person_id=record.person_id,
        asked_on=record.asked_on,
        kept_until=period.until,
        basis=period.rule.basis,
        is_held=period.is_held,
        author_id=act.by.professional_id,
    )
    return act.add(answer, "refuse", ErasureAnswered, at=instant_of(record.asked_on))
