"""The clock of the audit: checkpoints are signed and leave the machine."""

from datetime import timedelta

from accounts.audit.checkpoints import sign_due, tell_witnesses
from accounts.audit.reingest import ingest
from accounts.outbox.registry import scheduled


@scheduled("audit.checkpoints", every=timedelta(minutes=1), label="Points de contrôle du journal des accès")
def checkpoint_the_audit() -> int:
    """Sign the checkpoints that are due, and hand each outside place what it lacks."""
    return len(sign_due()) + tell_witnesses()


@scheduled("audit.reserve", every=timedelta(minutes=1), label="Reprise du journal de réserve")
def take_back_the_reserve() -> int:
    """Write into the audit what was kept while the database took no writes."""
    return ingest()
