"""What happens to plans."""

from accounts.outbox.events import Event


class PlanOpened(Event):
    """A plan began."""

    TYPE = "plan.opened"


class PlanChanged(Event):
    """Its content changed, or how an action goes."""

    TYPE = "plan.changed"


class PlanShared(Event):
    """The draft was read with the person."""

    TYPE = "plan.shared"


class PlanAgreed(Event):
    """The person agreed to the content."""

    TYPE = "plan.agreed"


class PlanSigned(Event):
    """A physician signed a version."""

    TYPE = "plan.signed"


class PlanUnderReview(Event):
    """The next version began."""

    TYPE = "plan.under_review"


class PlanClosed(Event):
    """The plan came to its end."""

    TYPE = "plan.closed"
