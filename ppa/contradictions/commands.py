"""Writing settlements: somebody says what holds, or takes the question up again. No document is changed."""

from accounts.access.permissions import Permission
from accounts.access.records import Facts, Receipt
from accounts.access.unit import Act, command
from accounts.kernel.clock import instant_of, today
from accounts.people.models import Person
from ppa.contradictions.events import ContradictionReopened, ContradictionSettled
from ppa.contradictions.finding import as_stored, contradiction_of, is_settled
from ppa.contradictions.models import Settlement
from ppa.contradictions.records import ReopenContradiction, SettleContradiction
from ppa.contradictions.rules import AlreadySettled, check_settlement
from ppa.contradictions.states import SettlementAction
from ppa.trusted_persons.queries import has_trusted_person


@command(Permission.CONTRADICTION_RESOLVE)
def settle_contradiction(record: SettleContradiction, act: Act) -> Receipt:
    """Keep what holds, with both passages as they stand now: the one that lost is kept too."""
    act.ask(Facts(type=Settlement.AGGREGATE, person_id=record.person_id, organisation_id=act.by.organisation_id))
    act.lock(Person, record.person_id)
    found = contradiction_of(record.person_id, record.key, actor=act.by)
    if is_settled(record.person_id, record.key):
        raise AlreadySettled
    named = has_trusted_person(record.person_id, on=record.settled_on)
    check_settlement(record, found, has_trusted_person=named, today=today())
    settlement = Settlement(
        person_id=record.person_id,
        organisation_id=act.by.organisation_id,
        settled_by_id=act.by.professional_id,
        settled_on=record.settled_on,
        content=as_stored(found, outcome=record.outcome, settled_with=record.settled_with),
        note=record.note.strip(),
    )
    return act.add(settlement, "settle", ContradictionSettled, at=instant_of(record.settled_on))


@command(Permission.CONTRADICTION_RESOLVE)
def reopen_contradiction(record: ReopenContradiction, act: Act) -> Receipt:
    """Take a question up again; what was found before stays in the history."""
    settlement = act.open(Settlement, record.settlement_id, version=record.version)
    return act.advance(settlement, SettlementAction.REOPEN, ContradictionReopened)
