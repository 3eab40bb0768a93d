"""Handing a person her access list, and noting what a review of a visit found."""

from accounts.access.permissions import Permission
from accounts.access.records import Facts, Receipt
from accounts.access.unit import Act, command
from accounts.kernel.clock import today
from accounts.trails.models import AccessReview, HandedList
from accounts.trails.records import HandAccessList, ReviewAccess
from accounts.trails.rules import OwnAccess, check_asked_on, check_comment


@command(Permission.ACCESS_LOG_HAND_TO_PERSON)
def hand_access_list(record: HandAccessList, act: Act) -> Receipt:
    """Note that a person asked who opened her file; the list may then be read and printed for her."""
    act.ask(Facts(type="person", id=record.person_id, person_id=record.person_id))
    check_asked_on(record.asked_on, today())
    made = HandedList.objects.create(
        person_id=record.person_id, organisation_id=act.organisation_id, professional_id=act.by.professional_id,
        asked_by=record.asked_by, asked_on=record.asked_on,
    )  # fmt: skip
    return Receipt(type="handed_list", id=made.id, version=1)


@command(Permission.ACCESS_LOG_REVIEW)
def review_access(record: ReviewAccess, act: Act) -> Receipt:
    """Note what was found on looking at a visit again; nobody looks at his own."""
    act.ask(Facts(type="access_log", organisation_id=act.organisation_id))
    if record.professional_id == act.by.professional_id:
        raise OwnAccess
    check_comment(record.comment)
    made = AccessReview.objects.create(
        organisation_id=act.organisation_id, professional_id=record.professional_id, person_id=record.person_id,
        day=record.day, is_justified=record.is_justified, comment=record.comment.strip(),
        reviewer_id=act.by.professional_id,
    )  # fmt: skip
    return Receipt(type="access_review", id=made.id, version=1)
