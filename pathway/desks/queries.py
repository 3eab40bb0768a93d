"""What each desk shows: blocks of the features below, each read within the actor's rights."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from accounts.access.permissions import Permission
from accounts.access.queries import claims_to_review
from accounts.access.rules import MATRIX
from accounts.break_glass.queries import notices_due, own_accesses, to_review
from accounts.kernel.actor import Actor, Role
from accounts.kernel.clock import today
from accounts.operations.queries import given_up, queues
from accounts.people.queries import latest_people, people_lines
from accounts.retention.queries import orders
from accounts.retention.states import OrderState
from accounts.rights.queries import exports_to_approve
from accounts.staff.queries import last_review, to_see_to
from accounts.staff.rules import is_review_due
from pathway.capacity.queries import places_for
from pathway.cases.queries import Tab, due_actions, worklist, worklist_counts
from pathway.desks.come_backs import come_backs
from pathway.opinions.queries import opinions_awaited_from
from pathway.rapid_response.queries import alerts_for
from pathway.referrals.queries import (
    answers_received,
    incoming,
    incoming_counts,
    lost_requests,
    outgoing,
    silences,
)
from pathway.stays.queries import counts_here, stays_here
from pathway.structures.queries import offers_of
from ppa.after_death.queries import calls_due
from ppa.announcements.queries import plans_to_propose, proposals_to_answer
from ppa.emergency_sheets.queries import copies_to_replace, sheets_to_update
from ppa.entrusted_actions.queries import come_back_to, waiting_for
from ppa.plans.queries import plans_to_review, plans_to_sign, social_actions

FEW = 8
MANY = 20


@dataclass(frozen=True, slots=True)
class Figure:
    """A number at the top of a desk, with the way to what it counts."""

    label: str
    value: int
    url: str
    tone: str = "neutral"


@dataclass(frozen=True, slots=True)
class Block:
    """A block of a desk: `template` is drawn with `rows`; `empty` is said when there is none."""

    title: str
    icon: str
    template: str
    rows: tuple[Any, ...]
    empty: str
    more_url: str = ""
    tone: str = "neutral"


@dataclass(frozen=True, slots=True)
class Desk:
    """A whole desk. `finds`: it begins with the field that finds somebody in an emergency."""

    subtitle: str
    figures: tuple[Figure, ...]
    blocks: tuple[Block, ...]
    actions: tuple[tuple[str, str, str], ...] = ()
    open_to: str = ""
    finds: bool = False

    @property
    def waiting(self) -> tuple[Block, ...]:
        """The blocks that hold something."""
        return tuple(block for block in self.blocks if block.rows)

    @property
    def calm(self) -> tuple[Block, ...]:
        """The blocks in which nothing waits."""
        return tuple(block for block in self.blocks if not block.rows)


def desk_of(actor: Actor) -> Desk:
    """Return the desk of the actor's role."""
    return DESKS.get(actor.role, _directory_desk)(actor)


def may(actor: Actor, permission: Permission) -> bool:
    """Tell whether a role ever has a right: for offering a way in, never for data."""
    return (actor.role, permission) in MATRIX


def _coordinator_desk(actor: Actor) -> Desk:
    counts = worklist_counts(actor=actor)
    due = due_actions(actor=actor, until=today())
    waiting = worklist(Tab.TO_INCLUDE, actor=actor).items[:FEW]
    proposals = proposals_to_answer(actor=actor).items
    answers, silent, lost = answers_received(actor=actor), silences(actor=actor), lost_requests(actor=actor)
    alerts = alerts_for(actor)
    cases = reverse("cases:index")
    return Desk(
        "Ce qui attend, puis vos personnes",
        (
            Figure("À inclure", counts[Tab.TO_INCLUDE], f"{cases}?onglet={Tab.TO_INCLUDE}", _warn(counts[Tab.TO_INCLUDE])),
            Figure("Mes personnes", counts[Tab.MINE], f"{cases}?onglet={Tab.MINE}"),
            Figure("Réponses reçues", len(answers), reverse("referrals:outgoing"), "ok" if answers else "neutral"),
            Figure("Sans réponse", len(silent), reverse("referrals:outgoing"), _warn(len(silent))),
        ),
        (
            _notices(actor),
            Block("Alertes", "ambulance", "pathway/desks/_alerts.html", tuple(alerts[:FEW]), "Aucune équipe rapide n’est engagée.", reverse("alerts:index"), "crit" if alerts else "neutral"),
            Block("À faire aujourd’hui", "calendar", "pathway/desks/_cases.html", tuple(due[:FEW]), "Rien n’est prévu pour aujourd’hui.", cases),
            Block("À inclure", "inbox", "pathway/desks/_cases.html", tuple(waiting), "Aucun signalement n’attend.", f"{cases}?onglet={Tab.TO_INCLUDE}"),
            _calls(actor),
            _claims(actor),
            Block("PPA proposés", "document", "pathway/desks/_proposals.html", tuple(proposals[:FEW]), "Aucune proposition n’attend de réponse."),
            *_entrusted(actor),
            _to_review(actor),
            _come_backs(actor),
            _sheets(actor),
            _sheet_copies(actor),
            Block("Réponses reçues", "reply", "pathway/desks/_answers.html", tuple(answers[:FEW]), "Aucune nouvelle réponse.", reverse("referrals:outgoing")),
            Block("Demandes sans réponse", "clock", "pathway/desks/_answers.html", tuple(silent[:FEW]), "Toutes les structures ont répondu.", reverse("referrals:outgoing")),
            Block("À relancer autrement", "route", "pathway/desks/_requests.html", tuple(lost[:FEW]), "Aucune demande n’est sans issue.", reverse("referrals:outgoing")),
        ),
        (("Enregistrer une personne", reverse("people:register"), "plus"),),
    )  # fmt: skip


def _clinician_desk(actor: Actor) -> Desk:
    received, _ = incoming(actor=actor)
    sent, _ = outgoing(actor=actor)
    answers = answers_received(actor=actor)
    blocks = [
        Block("Équipe rapide", "ambulance", "pathway/desks/_alerts.html", tuple(alerts_for(actor)[:FEW]), "Aucune équipe rapide n’est engagée.", reverse("alerts:index")),
        Block("Réponses reçues", "reply", "pathway/desks/_answers.html", tuple(answers[:FEW]), "Aucune nouvelle réponse.", reverse("referrals:outgoing")),
        Block("Demandes reçues", "inbox", "pathway/desks/_incoming.html", tuple(received[:FEW]), "Aucune demande n’attend.", reverse("referrals:incoming")),
        Block("Demandes envoyées", "send", "pathway/desks/_requests.html", tuple(sent[:FEW]), "Aucune demande en cours.", reverse("referrals:outgoing")),
    ]  # fmt: skip
    if may(actor, Permission.OPINION_GIVE):
        awaited = tuple(opinions_awaited_from(actor)[:FEW])
        blocks.insert(
            0,
            Block(
                "Avis attendus de vous",
                "question",
                "pathway/opinions/_awaited.html",
                awaited,
                "Aucun avis n’est attendu de vous.",
                reverse("opinions:awaited"),
            ),
        )
    if may(actor, Permission.PPA_VALIDATE_SIGN):
        to_sign = plans_to_sign(actor=actor)
        blocks.insert(
            0,
            Block(
                "Plans à signer",
                "pencil",
                "pathway/desks/_plans.html",
                tuple(to_sign[:FEW]),
                "Aucun plan n’attend votre signature.",
            ),
        )
    if may(actor, Permission.EMERGENCY_SHEET_SIGN):
        blocks.insert(0, _sheets(actor))
    if may(actor, Permission.EMERGENCY_SHEET_CIRCULATE):
        blocks.append(_sheet_copies(actor))
    if may(actor, Permission.PPA_SUPERSEDE_NEW_VERSION):
        blocks.append(_to_review(actor))
    blocks.append(_come_backs(actor))
    if may(actor, Permission.ANNOUNCEMENT_RECORD):
        to_propose = tuple(plans_to_propose(actor=actor)[:FEW])
        blocks.append(
            Block(
                "Plans à proposer",
                "chat",
                "pathway/desks/_plans_to_propose.html",
                to_propose,
                "Aucun plan n’est à proposer.",
            )
        )
    blocks += _to_ask(actor)
    blocks += _entrusted(actor)
    blocks.append(_calls(actor))
    if may(actor, Permission.CIRCLE_MEMBERSHIP_REVIEW_CLAIM):
        blocks.append(_claims(actor))
    return Desk(
        "Vos personnes et ce qui attend votre équipe",
        (),
        (_notices(actor), *blocks),
        (
            ("Rechercher une personne", reverse("people:search"), "search"),
            ("Enregistrer une personne", reverse("people:register"), "plus"),
        ),
    )


def _calls(actor: Actor) -> Block:
    """Relatives to tell of a death or to call back."""
    due = calls_due(actor=actor)
    return Block(
        "Proches à rappeler",
        "phone",
        "ppa/after_death/_calls.html",
        tuple(due[:FEW]),
        "Aucun proche n’est à rappeler.",
        reverse("after_death:calls"),
        "warn" if any(row.is_late for row in due) else "neutral",
    )


def _to_review(actor: Actor) -> Block:
    due = plans_to_review(actor=actor)
    return Block(
        "Plans à relire",
        "history",
        "pathway/desks/_plans_to_review.html",
        tuple(due[:FEW]),
        "Aucun plan n’est à relire.",
        reverse("plans_to_review") if len(due) > FEW else "",
    )


def _come_backs(actor: Actor) -> Block:
    """Topics and designations put off to a day, drugs prescribed ahead that are past their review."""
    due = tuple(come_backs(actor)[:MANY])
    return Block(
        "À reprendre",
        "clock",
        "pathway/desks/_come_backs.html",
        due,
        "Rien n’est à reprendre pour l’instant.",
        tone="warn" if any(row.is_late for row in due) else "neutral",
    )


def _to_ask(actor: Actor) -> tuple[Block, ...]:
    """Admissions at which nobody asked about directives yet, or came back to it when it was time."""
    rows, _ = stays_here(actor=actor, tab="a-demander", size=FEW)
    if not rows:
        return ()
    late = any(row.ask_by and row.ask_by < today() for row in rows)
    return (
        Block(
            "Directives et personne de confiance à demander",
            "chat",
            "pathway/desks/_to_ask.html",
            tuple(rows),
            "",
            f"{reverse('stays:here')}?etat=a-demander",
            "warn" if late else "neutral",
        ),
    )


def _entrusted(actor: Actor) -> tuple[Block, ...]:
    """Actions of a plan in the hands of this structure; and those that it gave and that came back undone."""
    waiting, back = waiting_for(actor), come_back_to(actor) if may(actor, Permission.ENTRUSTED_ACTION_ENTRUST) else []
    url = reverse("entrusted_actions:waiting")
    given = Block(
        "Actions confiées à votre structure",
        "inbox",
        "ppa/entrusted_actions/_waiting.html",
        tuple(waiting[:FEW]),
        "Aucune action ne vous est confiée.",
        url,
        "warn" if any(row.is_late for row in waiting) else "neutral",
    )
    undone = Block(
        "Actions à confier autrement", "reply", "ppa/entrusted_actions/_lines.html", tuple(back[:FEW]), "", url, "warn"
    )
    return (given, undone) if back else (given,)


def _sheets(actor: Actor) -> Block:
    """Signed emergency sheets that no longer say what the file says."""
    old = tuple(sheets_to_update(actor=actor)[:FEW])
    return Block(
        "Fiches d’urgence à mettre à jour",
        "refresh",
        "pathway/desks/_sheets.html",
        old,
        "Toutes les fiches d’urgence sont à jour.",
        tone="warn" if old else "neutral",
    )


def _sheet_copies(actor: Actor) -> Block:
    """Papers of emergency sheets that somebody holds and that no longer count."""
    out = tuple(copies_to_replace(actor=actor)[:FEW])
    return Block(
        "Détenteurs d’une fiche d’urgence à prévenir",
        "phone",
        "pathway/desks/_sheet_copies.html",
        out,
        "Chaque détenteur a la dernière version.",
        tone="warn" if out else "neutral",
    )


def _social_desk(actor: Actor) -> Desk:
    actions = social_actions(actor=actor)
    late = sum(action.is_late for action in actions)
    return Desk(
        "Les personnes de votre équipe et ce qui est prévu pour elles",
        (
            Figure("Actions sociales à suivre", len(actions), ""),
            Figure("Dont le jour est passé", late, "", _warn(late)),
        ),
        (
            Block("Actions sociales à suivre", "calendar", "pathway/desks/_social_actions.html", tuple(actions[:MANY]), "Aucune action sociale n’attend."),
            *_entrusted(actor),
            Block("Vos personnes", "users", "pathway/desks/_people.html", tuple(latest_people(actor=actor, size=MANY)), "Votre équipe n’accompagne encore personne ici.", reverse("people:search")),
        ),
        (
            ("Rechercher une personne", reverse("people:search"), "search"),
            ("Annuaire des structures", reverse("structures:index"), "building"),
        ),
    )  # fmt: skip


def _volunteer_desk(actor: Actor) -> Desk:
    """The persons whom the volunteer's association stands by, and nothing else."""
    people = tuple(latest_people(actor=actor, size=MANY))
    return Desk(
        "Les personnes que votre association accompagne",
        (),
        (
            Block(
                "Vos personnes",
                "users",
                "pathway/desks/_people.html",
                people,
                "Votre association n’accompagne encore personne ici.",
                reverse("people:search"),
            ),
        ),
        (("Rechercher une personne", reverse("people:search"), "search"),),
    )


def _structure_desk(actor: Actor) -> Desk:
    inbox, here = incoming_counts(actor=actor), counts_here(actor=actor)
    received, _ = incoming(actor=actor)
    present, _ = stays_here(actor=actor)
    url = reverse("referrals:incoming")
    return Desk(
        "Les demandes, les places et les personnes présentes",
        (
            Figure("Nouvelles demandes", inbox.get("nouvelles", 0), url, _warn(inbox.get("nouvelles", 0))),
            Figure("À l’étude", inbox.get("etude", 0), f"{url}?onglet=etude"),
            Figure("Places proposées ou en attente", inbox.get("attente", 0), f"{url}?onglet=attente"),
            Figure("Personnes présentes", here.get("presentes", 0), reverse("stays:here")),
        ),
        (
            Block("Demandes reçues", "inbox", "pathway/desks/_incoming.html", tuple(received[:FEW]), "Aucune nouvelle demande.", url),
            *_to_ask(actor),
            *_entrusted(actor),
            Block("Mes places", "bed", "pathway/desks/_places.html", _places(actor), "Votre structure n’a pas de place à déclarer.", reverse("capacity:mine")),
            Block("Équipe rapide", "ambulance", "pathway/desks/_alerts.html", tuple(alerts_for(actor)[:FEW]), "Aucun appel en cours."),
            Block("Personnes présentes", "users", "pathway/desks/_stays.html", tuple(present[:FEW]), "Personne n’est présent pour l’instant.", reverse("stays:here")),
        ),
    )  # fmt: skip


def _claims(actor: Actor) -> Block:
    """Who declared that he takes care of a person, until somebody of her circle has answered."""
    claims = claims_to_review(actor=actor)
    people = people_lines(claim.person_id for claim in claims)
    rows = tuple((claim, people[claim.person_id]) for claim in claims[:FEW])
    return Block(
        "Relations de soin à relire",
        "users",
        "pathway/desks/_claims.html",
        rows,
        "Aucune déclaration n’attend votre avis.",
        tone="warn" if rows else "neutral",
    )


def _places(actor: Actor) -> tuple[Any, ...]:
    offers = [offer for offer in offers_of(actor.organisation_id, actor=actor) if offer.facts_of_kind.nature]
    figures = places_for([offer.id for offer in offers], actor=actor)
    return tuple((offer, figures[offer.id]) for offer in offers if offer.id in figures)


def _directory_desk(actor: Actor) -> Desk:
    actions = [("Annuaire des structures", reverse("structures:index"), "building")]
    if may(actor, Permission.STATISTICS_READ_AGGREGATE_REGION):
        actions.append(("Statistiques", reverse("indicators:index"), "chart"))
    open_to = "L’annuaire dit qui accueille, qui se déplace et comment les joindre."
    if may(actor, Permission.PATIENT_IDENTITY_SEARCH_LIST):
        actions.append(("Rechercher une personne", reverse("people:search"), "search"))
        open_to = "La recherche ouvre le dossier d’une personne que votre équipe accompagne."
    return Desk("Ce qui vous est ouvert", (), (), tuple(actions), open_to)


def _emergency_desk(actor: Actor) -> Desk:
    return Desk(
        "Un numéro suffit pour retrouver une personne",
        (),
        (
            Block("Vos accès d’urgence", "history", "accounts/break_glass/_own_rows.html", tuple(own_accesses(actor=actor)[:FEW]), "Aucun accès ouvert récemment.", reverse("break_glass:search")),
        ),
        (("Annuaire des structures", reverse("structures:index"), "building"),),
        finds=True,
    )  # fmt: skip


def _privacy_desk(actor: Actor) -> Desk:
    waiting, copies = to_review(actor=actor), exports_to_approve(actor=actor)
    late = sum(row.is_late for row in waiting)
    url = reverse("break_glass:queue")
    return Desk(
        "Ce que vous avez à revoir et à autoriser",
        (
            Figure("À revoir", len(waiting), url, _warn(len(waiting))),
            Figure("En retard de plus de 7 jours", late, url, "crit" if late else "neutral"),
            Figure("Copies à autoriser", len(copies), reverse("rights:waiting"), _warn(len(copies))),
        ),
        (
            Block("Accès d’urgence à revoir", "key", "accounts/break_glass/_queue.html", tuple(waiting[:FEW]), "Aucun accès d’urgence n’attend de revue.", url, "crit" if late else "neutral"),
            Block("Copies de dossiers à autoriser", "document", "pathway/desks/_copies.html", tuple(copies[:FEW]), "Aucune copie n’attend d’autorisation.", reverse("rights:waiting"), _warn(len(copies))),
            _erasures(actor),
        ),
        (("Annuaire des structures", reverse("structures:index"), "building"),),
    )  # fmt: skip


def _rights_desk(actor: Actor) -> Desk:
    people, review = to_see_to(actor), last_review(actor)
    is_due = is_review_due(review[0] if review else None, today())
    url = reverse("staff:index")
    return Desk(
        "Qui travaille ici, et ce qui attend votre décision",
        (Figure("Personnes à voir", len(people), url, _warn(len(people))),),
        (
            Block("Revue annuelle des habilitations", "shield", "pathway/desks/_review_due.html", (review,) if is_due else (), "Elle est faite pour cette année.", reverse("staff:review"), "warn" if is_due else "neutral"),
            Block("Comptes et fonctions à voir", "users", "pathway/desks/_staff.html", tuple(people[:FEW]), "Aucune réinitialisation n’attend, aucune fonction ne prend fin ce mois-ci.", url, _warn(len(people))),
        ),
        (("Ouvrir un compte", reverse("staff:begin"), "plus"), ("Voir comme…", reverse("staff:see_as"), "eye")),
    )  # fmt: skip


def _technical_desk(actor: Actor) -> Desk:
    failed, pending = given_up(actor), sum(queue.pending for queue in queues(actor))
    url = reverse("queues:index")
    return Desk(
        "Ce qui circule et ce qui a échoué, sans aucune identité",
        (
            Figure("Traitements en attente", pending, url),
            Figure("En échec", len(failed), url, "crit" if failed else "neutral"),
        ),
        (
            Block("Traitements en échec", "octagon", "pathway/desks/_failed.html", tuple(failed[:FEW]), "Tout ce qui devait être fait l’a été.", url, "crit" if failed else "neutral"),
            _erasures(actor),
        ),
        (("État du système", url, "server"), ("Systèmes raccordés", reverse("systems:index"), "link")),
    )  # fmt: skip


def _erasures(actor: Actor) -> Block:
    """Orders to erase that wait for another person."""
    asked = tuple(order for order in orders(actor=actor) if order.state == OrderState.ASKED)
    return Block(
        "Effacements à confirmer",
        "history",
        "pathway/desks/_erasures.html",
        asked,
        "Aucun effacement n’est demandé.",
        reverse("retention:index"),
        "warn" if asked else "neutral",
    )


def _notices(actor: Actor) -> Block:
    due = notices_due(actor=actor)
    return Block(
        "Personnes à prévenir d’un accès d’urgence",
        "bell",
        "accounts/break_glass/_notices.html",
        tuple(due[:FEW]),
        "Personne n’attend d’être prévenu.",
        reverse("break_glass:notices"),
        "crit" if any(row.is_late for row in due) else "warn",
    )


DESKS: Mapping[Role, Callable[[Actor], Desk]] = {
    Role.COORDINATOR: _coordinator_desk,
    Role.PHYSICIAN: _clinician_desk,
    Role.NURSE: _clinician_desk,
    Role.BED_MANAGER: _structure_desk,
    Role.SOCIAL_WORKER: _social_desk,
    Role.VOLUNTEER: _volunteer_desk,
    Role.EMERGENCY_DISPATCHER: _emergency_desk,
    Role.PRIVACY_OFFICER: _privacy_desk,
    Role.RIGHTS_MANAGER: _rights_desk,
    Role.TECHNICAL_ADMIN: _technical_desk,
}


def _warn(number: int) -> str:
    return "warn" if number else "neutral"
