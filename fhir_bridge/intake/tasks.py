"""What goes with a person who is erased: the messages that made something of hers."""

from collections.abc import Iterator
from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.retention.erasure import Found, erased_with_the_person
from fhir_bridge.intake.models import ReceivedMessage
from fhir_bridge.repository.models import Resource

AT_ONCE = 50


@erased_with_the_person("fhir_messages")
def messages_about(person_id: UUID, found: Found) -> Iterator[QuerySet[ReceivedMessage]]:
    """Give the sealed messages that became one of her resources."""
    sources = Resource.objects.filter(pk__in=found.get(Resource, ())).order_by("source_id")
    ids = [person_id, *sources.values_list("source_id", flat=True).distinct()]
    for start in range(0, len(ids), AT_ONCE):
        named = (Q(became__icontains=f"/{one}") for one in ids[start : start + AT_ONCE])
        yield ReceivedMessage.objects.filter(reduce(or_, named))
