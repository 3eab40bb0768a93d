"""What happens to announcements and to proposals of a plan."""

from accounts.outbox.events import Event


class AnnouncementRecorded(Event):
    """An announcement was recorded."""

    TYPE = "announcement.recorded"


class PlanProposed(Event):
    """A plan was proposed, proposed again, or its proposal rests on one more announcement."""

    TYPE = "plan_proposal.proposed"


class ProposalAnswered(Event):
    """The person answered."""

    TYPE = "plan_proposal.answered"
