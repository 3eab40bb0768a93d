"""What follows a merge: what was written to the merged record while it ran."""

from datetime import timedelta

from accounts.kernel.actor import system_actor
from accounts.kernel.wall import Reason, seeing_everything
from accounts.outbox.registry import scheduled
from accounts.vigilance.commands import follow_merge
from accounts.vigilance.queries import merges_to_follow
from accounts.vigilance.records import FollowMerge


@scheduled("identity-merges-follow", every=timedelta(minutes=15), label="Suites des réunions de dossiers")
def follow_merges() -> int:
    """Move what was left on a record whose merge is at most a day old; return on how many."""
    with seeing_everything(Reason.CLOCK):
        waiting = merges_to_follow()
    for merge_id in waiting:
        follow_merge(FollowMerge(merge_id=merge_id), by=system_actor("identity-merges-follow"))
    return len(waiting)
