"""What serves once, sent again; and the key of a session, which changes whenever its rights rise."""

import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import time_machine
from django.core.cache import cache
from django.test import Client, override_settings

from tests.faults.races import THREADS, at_once

NEVER = (
    "client assertions accepted again", "replays answered by a fault", "codes accepted again", "authorization codes accepted again",
    "rises of rights that keep the key", "earlier or planted keys that are signed in",
)  # fmt: skip
FOR_EACH = ("client assertions", "codes of a second factor", "authorization codes", "sessions followed to their end")


def assertions(number: int) -> Counter[str]:
    """Send that many assertions of systems, each eight times at once, then once more at each address that takes one."""
    from tests.factories import systems

    client_id = systems.fhir_client()
    told: Counter[str] = Counter()
    for _ in range(number):
        form = systems.token_request(systems.signed(systems.claims(client_id)))
        answers = at_once([lambda f=form: str(systems.post_form(Client(), "/oauth/token", f).status_code)] * THREADS)  # type: ignore[misc]  # (bound at once)
        answers += [
            str(systems.post_form(Client(), path, form).status_code) for path in ("/oauth/token", "/oauth/keys")
        ]
        told["client assertions"] += 1
        told["client assertions sent again"] += len(answers) - 1
        told["client assertions accepted again"] += answers.count("200") - 1
        told["replays answered by a fault"] += sum(one >= "500" for one in answers)
    return told


def codes(number: int) -> Counter[str]:
    """Use that many codes of second factors, of applications and of recovery lists, and send each again from elsewhere."""
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    from accounts.authentication.second_factor import held_by
    from tests.factories.accounts import account, present_code

    told: Counter[str] = Counter()
    for _ in range(number):
        _forget_the_pace()
        user = account()
        with held_by(user):
            recovery = RecoveryCodes.activate(user).get_unused_codes()[0]
        for code in (present_code(), recovery):
            first = _signed_in_with(user, code)
            told["codes of a second factor"] += is_in(first)
            told["codes accepted again"] += is_in(_signed_in_with(user, code))
    return told


def authorization_codes(number: int) -> Counter[str]:
    """Come in by Pro Santé Connect that many times, over real HTTPS; send each answer, and each code, again."""
    from tests.factories.accounts import account

    told: Counter[str] = Counter()
    with _provider() as provider:
        for _ in range(number):
            _forget_the_pace()
            user = account()
            provider.person = {
                "sub": f"f:0000:{user.username}",
                "SubjectNameID": f"8{user.professional.rpps}",
                "given_name": "Test",
                "SubjectRefPro": {"exercices": [{"codeProfession": "10", "activities": []}]},
            }
            browser, thief = Client(), Client()
            answer, own = _sent_back(browser), _sent_back(thief)
            browser.get(answer)
            told["authorization codes"] += is_in(browser)
            stolen = own.replace(_code(own), _code(answer))
            browser.post("/compte/deconnexion/")
            for who, address in ((browser, answer), (Client(), answer), (thief, stolen)):
                who.get(address)
                told["authorization codes accepted again"] += is_in(who)
    return told


def sessions(number: int) -> Counter[str]:
    """Follow that many sessions, begun with a key that somebody planted, through each rise of their rights."""
    from accounts.kernel.clock import now
    from tests.factories.accounts import PASSWORD, account, present_code

    told: Counter[str] = Counter()
    for _ in range(number):
        _forget_the_pace()
        user, client = account(), Client()
        planted = Client().session
        planted.save()
        client.cookies["sessionid"] = planted.session_key
        with time_machine.travel(now(), tick=False):  # the code of the step before does not grow too old on the way
            client.post("/connexion/", {"login": user.username, "password": PASSWORD})
            keys = [planted.session_key, _key(client)]
            for address, later in (("/connexion/code/", -1), ("/compte/confirmer/code/", 0)):
                client.post(address, {"code": present_code(later=later)})
                told["rises of rights"] += 1
                told["rises of rights that keep the key"] += _key(client) in keys
                keys.append(_key(client))
        told["sessions followed to their end"] += is_in(client)
        told["earlier or planted keys that are signed in"] += sum(
            is_in(_with_key(key)) for key in {*keys} - {_key(client)}
        )
    return told


def _forget_the_pace() -> None:
    """Count sign-ins anew: how many come from one address in a minute is another trial's question."""
    cache.clear()


def _key(client: Client) -> str:
    return client.cookies["sessionid"].value


def _with_key(key: str) -> Client:
    client = Client()
    client.cookies["sessionid"] = key
    return client


def is_in(client: Client) -> bool:
    """Tell whether a browser is signed in, with both factors."""
    return client.get("/compte/sessions/").status_code == 200


def _signed_in_with(user: Any, code: str) -> Client:
    from tests.factories.accounts import PASSWORD

    client = Client()
    client.post("/connexion/", {"login": user.username, "password": PASSWORD})
    client.post("/connexion/code/", {"code": code})
    return client


def _sent_back(client: Client) -> str:
    import ssl

    from django.conf import settings

    asked = client.post("/connexion/pro-sante-connect/")["Location"]
    trusted = ssl.create_default_context(cafile=settings.OUTBOUND_CA_FILE)
    return httpx.get(asked, verify=trusted).headers["Location"].removeprefix("http://testserver")


def _code(address: str) -> str:
    return parse_qs(urlsplit(address).query)["code"][0]


@contextmanager
def _provider() -> Iterator[Any]:
    from tests.support import oidc_provider

    with (
        tempfile.TemporaryDirectory(prefix="ppa-provider-") as folder,
        oidc_provider.running(Path(folder)) as running,
        override_settings(
            OUTBOUND_INTERNAL_HOSTS=[urlsplit(running.issuer).netloc],
            OUTBOUND_CA_FILE=str(running.authority_file),
            PSC_ISSUER=running.issuer,
            PSC_AUTHORIZATION_ENDPOINT=f"{running.base}/auth",
            PSC_CLIENT_ID=oidc_provider.CLIENT,
            PSC_CLIENT_SECRET=oidc_provider.SECRET,
            PUBLIC_URL="http://testserver",
        ),
    ):
        yield running
