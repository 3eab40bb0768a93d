"""What the technical administrator reads: counts, ages, names of jobs and of systems."""

from accounts.access.gate import permit
from accounts.access.permissions import Permission
from accounts.access.records import Facts
from accounts.audit.models import AuditRow, ChainHead
from accounts.audit.queries import ProofState, proof_state
from accounts.audit.records import Fault
from accounts.audit.verification import verify
from accounts.documents import clamd
from accounts.documents.queries import scan_counts
from accounts.kernel.actor import Actor
from accounts.kernel.wall import Reason, seeing_everything
from accounts.operations.records import ChainState, DeadLetter, ScannerState
from accounts.outbox.models import JobRun
from accounts.outbox.queries import QueueState, dead_letters, queue_states, scheduled_jobs
from accounts.outbox.registry import label_of


def queues(actor: Actor) -> list[QueueState]:
    """Return the state of every queue, by name."""
    permit(actor, Permission.OUTBOX_QUEUE_READ, Facts(type="outbox_queue"))
    return queue_states()


def jobs(actor: Actor) -> list[tuple[str, JobRun]]:
    """Return when each scheduled job last ran, by name, with what people call it."""
    permit(actor, Permission.OUTBOX_QUEUE_READ, Facts(type="scheduled_job"))
    return [(label_of(job.name), job) for job in scheduled_jobs()]


def given_up(actor: Actor) -> list[DeadLetter]:
    """Return the newest works given up: metadata only."""
    permit(actor, Permission.OUTBOX_DEAD_LETTER_READ_METADATA, Facts(type="event_work"))
    return [
        DeadLetter(
            id=work.pk,
            consumer=label_of(work.consumer),
            event_type=work.event.type,
            event_id=work.event_id,
            happened_at=work.event.at,
            tries=work.tries,
            error_class=work.error_class,
        )
        for work in dead_letters()
    ]


def scanner_state(actor: Actor) -> ScannerState:
    """Return whether the antivirus answers, and what it left: counts only."""
    permit(actor, Permission.OUTBOX_QUEUE_READ, Facts(type="scanner"))
    return ScannerState(is_named=clamd.is_named(), answers=clamd.is_named() and clamd.answers(), **scan_counts())


def chain_state(actor: Actor) -> ChainState:
    """Return how long the audit is, read from the heads of its chains; `faults` verifies it."""
    permit(actor, Permission.ACCESS_LOG_VERIFY_CHAIN, Facts(type="access_log"))
    heads = list(ChainHead.objects.values_list("number", flat=True))
    with seeing_everything(Reason.AUDIT):
        last = AuditRow.objects.order_by("-id").values_list("at", flat=True).first()
    return ChainState(chains=len(heads), rows=sum(heads), last_at=last)


def proof(actor: Actor) -> ProofState:
    """Return the last checkpoint of the audit and which places outside have it."""
    permit(actor, Permission.ACCESS_LOG_VERIFY_CHAIN, Facts(type="access_log"))
    return proof_state()


def faults(actor: Actor) -> list[Fault]:
    """Recompute every chain and return the first fault of each that does not hold; long on a large audit."""
    permit(actor, Permission.ACCESS_LOG_VERIFY_CHAIN, Facts(type="access_log"))
    return verify().faults
