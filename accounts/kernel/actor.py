"""Who acts: passed to every command and every scoped query, never a request."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from accounts.kernel.ids import new_id


class Role(StrEnum):
    """The functions that the rights matrix knows; the values are its own codes."""

    __hash__ = str.__hash__

    COORDINATOR = "gestionnaire_dac"
    PHYSICIAN = "medecin"
    NURSE = "infirmier"
    BED_MANAGER = "cadre_structure"
    SOCIAL_WORKER = "travailleur_social"
    VOLUNTEER = "benevole_accompagnement"
    EMERGENCY_DISPATCHER = "samu_regulateur"
    REGIONAL_READER = "ars_lecteur"
    TECHNICAL_ADMIN = "admin_technique"
    RIGHTS_MANAGER = "gestionnaire_habilitations"
    PRIVACY_OFFICER = "referent_confidentialite"
    FHIR_CLIENT = "client_fhir"
    ANONYMOUS = "anonyme"
    SYSTEM = "systeme"


class Mandate(StrEnum):
    """What somebody is charged with beside his function, for an organisation: nobody acts in one alone."""

    IDENTITY_VIGILANCE = "identitovigilance"


Duty = Role | Mandate
"""What is given to somebody from a day to a day, and ends."""


def duty(code: str) -> Duty:
    """Return the function or the mandate of a code; raises `ValueError` for any other."""
    return Mandate(code) if code in set(Mandate) else Role(code)


class Channel(StrEnum):
    """The door an actor came through."""

    WEB = "web"
    FHIR = "fhir"
    JOB = "job"
    CONSOLE = "console"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """One person or system at work, for one organisation, in one function.

    `id` is the account (or client) that signed in; `professional_id` the professional
    behind it; `organisation_id` the structure it acts for now. `stands_for` are the
    organisations that share its team: the establishment of a unit for a professional
    (L.1110-12 CSP, 1°), the units of an establishment for its system. `authenticated_at` is the
    last time both factors were given. `interaction` is the FHIR scope the present call
    needs ("Patient.r"), empty elsewhere. `mandates` are those he holds now for `organisation_id`.
    """

    role: Role
    channel: Channel
    id: UUID | None = None
    professional_id: UUID | None = None
    organisation_id: UUID | None = None
    stands_for: frozenset[UUID] = frozenset()
    display_name: str = ""
    session: str = ""
    scopes: frozenset[str] = frozenset()
    interaction: str = ""
    authenticated_at: datetime | None = None
    mandates: frozenset[Mandate] = frozenset()
    idempotency_key: str = ""
    ip: str = ""
    correlation_id: UUID = field(default_factory=new_id)

    @property
    def is_signed_in(self) -> bool:
        """Tell whether somebody, or some system, stands behind this actor."""
        return self.id is not None

    @property
    def organisations(self) -> frozenset[UUID]:
        """The organisations whose standing is the actor's: his own, and those of the same team."""
        return self.stands_for | {self.organisation_id} if self.organisation_id else frozenset()

    def for_interaction(self, interaction: str) -> "Actor":
        """Return the same actor, about to do another FHIR interaction."""
        return replace(self, interaction=interaction)


ANONYMOUS = Actor(role=Role.ANONYMOUS, channel=Channel.WEB)


def system_actor(name: str, *, channel: Channel = Channel.JOB) -> Actor:
    """Return the actor of a clock or an import: no person, no organisation, named in the audit."""
    return Actor(role=Role.SYSTEM, channel=channel, display_name=name, session=name)
