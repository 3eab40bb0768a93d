"""What an event is: identifiers only. Consumers read the present state and may see an event twice."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to one aggregate. Subclasses name it: `TYPE` is "feature.past_verb"."""

    TYPE: ClassVar[str]
    SCHEMA: ClassVar[int] = 1

    aggregate_type: str
    aggregate_id: UUID
    aggregate_version: int
    person_id: UUID | None
