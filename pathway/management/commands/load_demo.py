"""`manage.py load_demo`: the demo territory, with its structures, staff, places and accounts. Run twice, it changes nothing."""

from datetime import timedelta
from importlib.resources import files
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.access.rules import MANDATED
from accounts.access.unit import Unit, run_together
from accounts.authentication.demo import ensure_demo_accounts
from accounts.kernel.actor import Actor, Channel, Mandate, Role, system_actor
from accounts.kernel.clock import now
from accounts.organisations.functions import open_function
from accounts.organisations.models import Professional
from pathway.capacity.commands import declare_places
from pathway.capacity.records import DeclarePlaces
from pathway.structures.commands import import_staff, import_structures, import_territories
from pathway.structures.models import CareOffer
from pathway.structures.queries import last_import
from pathway.structures.reading import digest, read_staff, read_structures, read_territories, read_usernames
from pathway.structures.states import KINDS, OfferKind

FOLDER = files("pathway.structures").joinpath("data")
SPREAD = timedelta(minutes=97)
VIGILANT = ("medecin.dijon", "gestionnaire1.dijon")
"""Who holds the mandate of identity vigilance: records that look alike wait for them under « Identités à vérifier »."""


class Command(BaseCommand):
    """Load the demo territory of Bourgogne-Franche-Comté, with invented structures and people."""

    help = "Load the demo territory (invented structures and staff); a second run changes nothing."

    def handle(self, **_options: Any) -> None:
        """Load what is not there yet; refuse to run in production."""
        if settings.ENVIRONMENT == "production":
            raise CommandError("The demo is never loaded in production.")
        run_together(load_territory, by=system_actor("load_demo", channel=Channel.CONSOLE), fingerprint="load_demo")
        load_accounts()


def load_territory(run: Unit) -> dict[str, Any]:
    """Keep the files and declare first places, in one transaction: each offer is then shown once, with its places."""
    keep_files(run)
    declare_first_places(run)
    return {}


def keep_files(run: Unit) -> None:
    """Keep territories, structures and staff, unless the files are those that were kept last."""
    texts = {
        "territories": _text("territoires.csv"),
        "staff": _text("professionnels.csv"),
        "structures": _text("bourgogne_franche_comte.csv"),
    }
    if all(is_kept(kind, text) for kind, text in texts.items()):
        return
    staff = read_staff(texts["staff"])
    run(import_territories, read_territories(texts["territories"]))
    run(import_staff, staff)  # structures name their referents
    run(import_structures, read_structures(texts["structures"]))
    run(import_staff, staff)  # functions are held in structures


def is_kept(kind: str, text: str) -> bool:
    """Tell whether a file is the one kept last, so that what people changed since stays."""
    report = last_import(kind)
    return report is not None and report.digest == digest(text)


def declare_first_places(run: Unit) -> None:
    """Declare places where nobody has yet: one or two in a row are free, some figures are older than a day."""
    silent = CareOffer.objects.filter(places=None, installed__gt=0).order_by("organisation__finess", "code", "id")
    for number, offer in enumerate(silent):
        if KINDS[OfferKind(offer.kind)].nature is None:
            continue
        by = Actor(
            role=Role.BED_MANAGER,
            channel=Channel.CONSOLE,
            organisation_id=offer.organisation_id,
            display_name="load_demo",
        )
        seen = now() - SPREAD * (number % 20)
        available = min(number % 3, offer.installed)
        figure = DeclarePlaces(offer_id=offer.id, available=available, version=0, observed_at=seen)
        run(declare_places, figure, by=by)


def load_accounts() -> None:
    """Give each demo username its account."""
    wanted = read_usernames(_text("professionnels.csv"))
    known = {row.rpps: row for row in Professional.objects.filter(rpps__in=set(wanted.values()))}
    ensure_demo_accounts({username: known[rpps] for username, rpps in wanted.items()})
    for username in VIGILANT:
        _give_mandate(known[wanted[username]])


def _give_mandate(who: Professional) -> None:
    """Let a professional merge records where he works, unless he may already."""
    held = who.memberships.present()
    if held.filter(role=Mandate.IDENTITY_VIGILANCE).exists():
        return
    place = held.filter(role__in=MANDATED).order_by("starts_on", "id").values_list("organisation_id", flat=True)[0]
    open_function(who.id, place, Mandate.IDENTITY_VIGILANCE)


def _text(name: str) -> str:
    return FOLDER.joinpath(name).read_text("utf-8")
