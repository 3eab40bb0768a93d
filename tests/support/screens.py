"""A test client that acts as a given actor: the account, its function and its session are real rows."""

from django.test import Client

from accounts.authentication.models import User
from accounts.authentication.sessions import AUTHENTICATED_AT, SITUATION
from accounts.kernel.actor import Actor
from accounts.kernel.clock import now
from accounts.organisations.functions import grant_held
from accounts.organisations.models import Membership


def signed_in(actor: Actor) -> Client:
    """Return a client whose session belongs to the actor's account, both factors just given."""
    assert actor.professional_id is not None, "only a professional opens a session"
    user, _ = User.objects.get_or_create(
        professional_id=actor.professional_id, defaults={"username": f"test-{actor.professional_id}", "id": actor.id}
    )
    grant_held(actor.professional_id)
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    situation = Membership.objects.get(
        professional_id=actor.professional_id, organisation=actor.organisation_id, role=actor.role, ends_on=None
    )
    session = client.session
    session[SITUATION] = str(situation.id)
    session[AUTHENTICATED_AT] = now().timestamp()
    session.save()
    return client
