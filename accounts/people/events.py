"""What happens to persons and to those round them."""

from accounts.outbox.events import Event


class PersonRegistered(Event):
    """A person entered the deployment, or was linked to one more organisation."""

    TYPE = "person.registered"


class PersonChanged(Event):
    """Her contact or usual names changed."""

    TYPE = "person.changed"


class PersonDied(Event):
    """Her death was recorded."""

    TYPE = "person.died"


class DeathTakenBack(Event):
    """Her death had been recorded by mistake."""

    TYPE = "person.death_taken_back"


class RelativeRecorded(Event):
    """Somebody round her was recorded or changed."""

    TYPE = "relative.recorded"


class ExactSearchesStopped(Event):
    """Somebody of an organisation sought people by whole identities more often than the limits allow."""

    TYPE = "person.exact_searches_stopped"


class IdentityAlertRaised(Event):
    """Two records must be compared."""

    TYPE = "identity_alert.raised"


class IdentityAlertSettled(Event):
    """Somebody said whether two records are one person."""

    TYPE = "identity_alert.settled"
