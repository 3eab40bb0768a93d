"""What happens to two records of one person."""

from accounts.outbox.events import Event


class RecordsMerged(Event):
    """Two records became one; `person_id` is the record that was kept."""

    TYPE = "identity.merged"


class RecordsParted(Event):
    """They became two again."""

    TYPE = "identity.parted"


class MergeRead(Event):
    """A physician read what came from both."""

    TYPE = "identity.merge_read"
