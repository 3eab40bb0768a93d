"""What becomes of directives when two records of a person are merged, or parted again."""

from accounts.access.unit import Unit
from accounts.kernel.actor import system_actor
from accounts.vigilance.joining import on_merge, on_parting
from accounts.vigilance.records import Joined
from ppa.directives.commands import settle_directives
from ppa.directives.queries import count_valid
from ppa.directives.records import SettleDirectives


@on_merge("directives")
def let_the_latest_prevail(joined: Joined, run: Unit) -> str | None:
    """Leave the latest document current; a physician reads both when each record had one."""
    both_had_one = count_valid(joined.kept_id) > 1
    run(settle_directives, SettleDirectives(person_id=joined.kept_id), by=system_actor("identity-vigilance"))
    if not both_had_one:
        return None
    return "Directives anticipées : les deux dossiers en avaient de valides. Le document le plus récent par sa date s’applique."


@on_parting("directives")
def give_each_her_own(joined: Joined, run: Unit) -> None:
    """Let each record's own document stand again."""
    for person_id in (joined.kept_id, joined.merged_id):
        run(settle_directives, SettleDirectives(person_id=person_id), by=system_actor("identity-vigilance"))
