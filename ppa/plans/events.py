"""What happens to plans."""

from accounts.outbox.events import Event


class PlanOpened(Event):
    """A plan began."""

    TYPE = "plan.opened"


class PlanChanged(Event):
    """What is being written changed."""

    TYPE = "plan.changed"


class PlanActionFollowed(Event):
    """How an action goes changed."""

    TYPE = "plan.action_followed"


class PlanShared(Event):
    """The draft was read with the person."""

    TYPE = "plan.shared"


class PlanAgreed(Event):
    """The person agreed to the content."""

    TYPE = "plan.agreed"


class PlanAgreementTakenBack(Event):
    """The person went back on her agreement before any signature."""

    TYPE = "plan.agreement_taken_back"


class PlanSigned(Event):
    """A physician signed a version."""

    TYPE = "plan.signed"


class PlanPublished(Event):
    """Somebody deposited the signed version by hand."""

    TYPE = "plan.published"


class PlanPublicationRefused(Event):
    """The person does not wish that it be deposited."""

    TYPE = "plan.publication_refused"


class PlanNoted(Event):
    """Something was kept beside the text: a conversation, a paper given."""

    TYPE = "plan.noted"


class PlanReviewSet(Event):
    """The day by which the plan is read again was chosen."""

    TYPE = "plan.review_set"


class PlanUnderReview(Event):
    """The next version began."""

    TYPE = "plan.under_review"


class PlanRevisionAbandoned(Event):
    """The next version is written no more: the last signed one is the plan again."""

    TYPE = "plan.revision_abandoned"


class PlanResumed(Event):
    """A plan that a death had closed by mistake is open again."""

    TYPE = "plan.resumed"


class PlanClosed(Event):
    """The plan came to its end."""

    TYPE = "plan.closed"


BEFORE_SIGNATURE = frozenset(
    event.TYPE
    for event in (
        PlanOpened,
        PlanChanged,
        PlanShared,
        PlanAgreed,
        PlanAgreementTakenBack,
        PlanNoted,
        PlanUnderReview,
        PlanRevisionAbandoned,
    )
)
"""Events of the work on a draft: they change nothing of what partners are shown, which is signed versions only."""
