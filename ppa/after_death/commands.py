"""Writing what the person wishes for her relatives, and the contacts with them after her death."""

from uuid import UUID

from accounts.access.circle import present
from accounts.access.permissions import Permission
from accounts.access.records import Facts, Receipt
from accounts.access.states import Basis
from accounts.access.unit import Act, command
from accounts.kernel.clock import instant_of, today
from accounts.people.models import Person, Relative
from accounts.people.queries import person_snapshot, relatives_snapshot
from ppa.after_death.events import ContactEnded, ContactNoted, ContactPlanned, TellingWishStated
from ppa.after_death.models import BereavementContact, TellingWish
from ppa.after_death.reading import facts_of, organisation_following
from ppa.after_death.records import (
    CancelContacts,
    MoveContact,
    NoteContact,
    PlanContact,
    PlanContacts,
    StateTellingWish,
    StopContacts,
)
from ppa.after_death.rules import NotHerRelative, check_due, check_noting, check_wish
from ppa.after_death.states import ACTIONS, OPEN, ContactAction, ContactState, Outcome
from ppa.after_death.timing import BY_HAND, NEWS, foreseen_after


@command(Permission.BEREAVEMENT_STATE_WISH)
def state_telling_wish(record: StateTellingWish, act: Act) -> Receipt:
    """Keep what the person says of how her relatives are to be told; what she said before stays."""
    act.ask(Facts(type=TellingWish.AGGREGATE, person_id=record.person_id))
    person = act.lock(Person, record.person_id)
    check_wish(record, born_on=person.birth_date, died_on=person.died_on, today=today())
    wish = TellingWish(
        person=person,
        organisation_id=act.by.organisation_id,
        noted_by_id=act.by.professional_id,
        by_whom=record.by_whom.strip(),
        words=record.words.strip(),
        not_so=record.not_so.strip(),
        stated_on=record.stated_on,
    )
    return act.add(wish, "state", TellingWishStated, at=instant_of(record.stated_on))


@command(Permission.BEREAVEMENT_PLAN)
def plan_contacts(record: PlanContacts, act: Act) -> Receipt:
    """Plan, on a death, to tell each relative, and to call back later those who have a role round the person."""
    act.ask(Facts(type=BereavementContact.AGGREGATE, person_id=record.person_id))
    owner = _who_follows(record.person_id, act)
    for relative in (one for one in relatives_snapshot(record.person_id) if one.active):
        for foreseen in foreseen_after(record.died_on):
            if relative.roles or foreseen.step == NEWS:
                contact = BereavementContact(
                    person_id=record.person_id,
                    relative_id=relative.id,
                    organisation_id=owner,
                    step=foreseen.step,
                    due_on=foreseen.due_on,
                )
                act.add(contact, "plan", ContactPlanned)
    return Receipt(type="person", id=record.person_id, version=0)


@command(Permission.BEREAVEMENT_PLAN)
def cancel_contacts(record: CancelContacts, act: Act) -> Receipt:
    """Cancel what is planned: the death was recorded by mistake."""
    act.ask(Facts(type=BereavementContact.AGGREGATE, person_id=record.person_id))
    _end_open(record.person_id, ContactAction.CANCEL, act)
    return Receipt(type="person", id=record.person_id, version=0)


@command(Permission.BEREAVEMENT_FOLLOW)
def plan_contact(record: PlanContact, act: Act) -> Receipt:
    """Plan one more contact with a relative."""
    act.ask(facts_of(record.person_id))
    _check_round(record.person_id, record.relative_id)
    check_due(record.due_on, died_on=person_snapshot(record.person_id).died_on, today=today())
    contact = BereavementContact(
        person_id=record.person_id,
        relative_id=record.relative_id,
        organisation_id=organisation_following(record.person_id) or act.by.organisation_id,
        step=BY_HAND,
        due_on=record.due_on,
    )
    return act.add(contact, "plan", ContactPlanned)


@command(Permission.BEREAVEMENT_FOLLOW)
def note_contact(record: NoteContact, act: Act) -> Receipt:
    """Keep how a contact went. Who wishes no contact any more gets none: all the others end at once."""
    contact = act.open(BereavementContact, record.contact_id, version=record.version)
    check_noting(
        record,
        step=contact.step,
        is_told=_is_told(contact.relative_id),
        died_on=person_snapshot(contact.person_id).died_on,
        today=today(),
    )
    contact.happened_on = record.happened_on
    contact.by_whom, contact.note = record.by_whom.strip(), record.note.strip()
    receipt = act.advance(contact, ACTIONS[record.outcome], ContactNoted, at=instant_of(record.happened_on))
    if record.outcome == Outcome.NOT_WISHED:
        _end_open(contact.person_id, ContactAction.STOP, act, relative_id=contact.relative_id)
    return receipt


@command(Permission.BEREAVEMENT_FOLLOW)
def move_contact(record: MoveContact, act: Act) -> Receipt:
    """Give a contact another day."""
    contact = act.open(BereavementContact, record.contact_id, version=record.version)
    check_due(record.due_on, died_on=person_snapshot(contact.person_id).died_on, today=today())
    contact.due_on = record.due_on
    return act.advance(contact, ContactAction.MOVE, ContactPlanned)


@command(Permission.BEREAVEMENT_FOLLOW)
def stop_contacts(record: StopContacts, act: Act) -> Receipt:
    """End at once all that is planned with a relative, who wishes no contact any more."""
    act.ask(facts_of(record.person_id))
    _check_round(record.person_id, record.relative_id)
    _end_open(record.person_id, ContactAction.STOP, act, relative_id=record.relative_id)
    return Receipt(type="relative", id=record.relative_id, version=0)


def _who_follows(person_id: UUID, act: Act) -> UUID | None:
    """Return the DAC that coordinates, or else the organisation of who recorded the death."""
    coordinating = present(person_id).filter(basis=Basis.COORDINATION).order_by("-starts_at").first()
    return coordinating.organisation_id if coordinating else act.by.organisation_id


def _check_round(person_id: UUID, relative_id: UUID) -> None:
    if not Relative.objects.filter(pk=relative_id, person_id=person_id).exists():
        raise NotHerRelative


def _is_told(relative_id: UUID) -> bool:
    """Tell whether a relative was told of the death, or was recorded since and so knows of it."""
    news = BereavementContact.objects.filter(relative_id=relative_id, step=NEWS).order_by("-created_at").first()
    return news is None or news.state == ContactState.DONE


def _end_open(person_id: UUID, action: ContactAction, act: Act, *, relative_id: UUID | None = None) -> None:
    rows = BereavementContact.objects.filter(person_id=person_id, state__in=OPEN).order_by("id")
    if relative_id is not None:
        rows = rows.filter(relative_id=relative_id)
    for contact_id in list(rows.values_list("id", flat=True)):
        act.advance(act.lock(BereavementContact, contact_id), action, ContactEnded)
