"""Pages of the plan."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import Truncator
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access.doors import screen
from accounts.access.gate import is_permitted
from accounts.access.permissions import Permission
from accounts.access.records import Facts
from accounts.kernel.actor import Actor
from accounts.kernel.clock import day_of, now, today
from accounts.kernel.errors import Busy, NotFound, ReadOnly
from accounts.kernel.http import page, posted_by, refused, submit
from accounts.kernel.written_days import written_day
from accounts.people.page import banner_of, frame_of
from accounts.rights.beside import beside
from ppa.announcements.queries import ProposalHeading, announcements_of, proposal_heading
from ppa.announcements.states import PROPOSAL, ProposalState
from ppa.crises.queries import at_home
from ppa.crises.rules import crises_lines, flags_of, order_line
from ppa.plans import forms
from ppa.plans.commands import (
    FORMS,
    WRITERS,
    abandon_revision,
    add_action,
    add_goal,
    close_plan,
    confirm_plan,
    follow_action,
    follow_goal,
    forget_draft,
    hand_out,
    keep_draft,
    open_plan,
    record_agreement,
    record_conversation,
    record_deposit,
    record_place,
    refuse_publication,
    revise_plan,
    reword_goal,
    reword_need,
    right_at,
    set_need_aside,
    set_review,
    set_topic_pace,
    share_plan,
    sign_version,
    start_need,
    take_agreement_back,
    take_need_up,
    update_action,
    write_topic,
)
from ppa.plans.content import is_wanted_no_more
from ppa.plans.on_file import directives_told, trusted_told
from ppa.plans.outline import outline_named
from ppa.plans.papers import easy_draft, easy_version, members_told, ppcs_version, relatives_told
from ppa.plans.ppcs import WISHES, by_part, crises_told
from ppa.plans.queries import (
    abandoned_revisions,
    begun_since,
    compared,
    compared_versions,
    followed_by,
    own_draft,
    plan_of,
    plan_page_of,
    rights_on,
    social_part_of,
    topics_part_of,
    version_for,
    version_paper,
)
from ppa.plans.records import ActionSnapshot, Compared, DraftSnapshot, EntrySnapshot, PlanSnapshot, TopicSnapshot
from ppa.plans.rules import (
    PersonHasDied,
    content_of,
    goals_not_reached,
    held_back,
    reached_line,
    standing,
    wished_places,
    words_line,
)
from ppa.plans.states import (
    CONVERSATION,
    DRAFTS,
    IN_FORCE,
    MOMENT_LABELS,
    NEED,
    PLACE_LABELS,
    PLAN,
    TO_DO,
    EntryKind,
    GoalStatus,
    Pace,
    Place,
    PlaceMoment,
    PlanAction,
    PlanState,
)
from ppa.sheets.paper import handed_pdf

STEPS = (PlanState.DRAFTING, PlanState.SHARED, PlanState.AGREED, PlanState.SIGNED)
TONES = {
    **dict.fromkeys(IN_FORCE, "ok"),
    PlanState.AGREED: "info",
    PlanState.SHARED: "info",
    PlanState.UNDER_REVIEW: "warn",
}
WHOLE = {"page": "plans:page", "topic": "plans:topic", "pace": "plans:pace"}
SOCIAL = {"page": "plans:social", "topic": "plans:social_topic", "pace": "plans:social_pace"}
"""The routes of the whole plan, and those of its social part."""
SINCE = ("Version signée", "Révision")
"""What stands beside what, where a revision is or was abandoned."""
FEW = 3
"""How many conversations and versions the plan shows; the others are one click away."""
PACE_TONES = {Pace.OPEN: "ok", Pace.NOT_NOW: "neutral", Pace.NEVER: "neutral", Pace.WITH_SOMEONE: "info"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What somebody had begun in a form and not saved: offered, or taken up (`initial`).

    While it is offered nothing is kept, so that what is typed meanwhile never takes its place.
    """

    code: str
    draft: DraftSnapshot | None
    is_resumed: bool
    initial: Mapping[str, Any]

    @property
    def is_kept(self) -> bool:
        """Tell whether what is typed now is kept as it goes."""
        return self.draft is None or self.is_resumed


@screen(Permission.PPA_READ_DRAFT)
@require_safe
def show(request: Any, person_id: UUID) -> HttpResponse:
    """Show the plan: what is written, at which pace, what is planned, what comes next."""
    plan = plan_page_of(person_id, actor=request.actor)
    context = {"banner": banner_of(person_id, actor=request.actor), "plan": plan, "open_form": _open_form(person_id)}
    return page(request, "ppa/plans/page.html", {**context, **(_shown(plan, request) if plan else {})})


@screen(Permission.PPA_CREATE)
@require_POST
def start(request: Any, person_id: UUID) -> HttpResponse:
    """Begin a plan."""
    form = forms.OpenForm(request.POST, target=person_id)
    if not submit(form, open_plan, request.actor):
        return refused(request, form)
    messages.success(request, "Le plan est commencé. Avancez au rythme de la personne.")
    return redirect("plans:page", person_id)


@screen(Permission.PPA_READ_DRAFT)
@require_http_methods(["GET", "POST"])
def topic(request: Any, person_id: UUID, code: str) -> HttpResponse:
    """Show and write one topic, with the texts that crossed and every offer made to the person."""
    return _topic(request, _topics(request, person_id, ways=WHOLE), code, ways=WHOLE)


@screen(Permission.PPA_READ_DRAFT)
@require_POST
def pace(request: Any, person_id: UUID, code: str) -> HttpResponse:
    """Keep how far the person wishes to go on a topic."""
    return _pace(request, _topics(request, person_id, ways=WHOLE), code, ways=WHOLE)


@screen(Permission.PPA_READ_DRAFT, Permission.PPA_READ_SOCIAL_SECTIONS)
@require_POST
def draft(request: Any, person_id: UUID, code: str) -> HttpResponse:
    """Keep for its author alone what stands in a form that he has not saved yet; answer with a word about it."""
    form = forms.DraftForm(request.POST, target=person_id, code=code)
    return page(request, "ppa/plans/_kept.html", {"kept_at": None, "trouble": "", **_kept(form, request)})


@screen(Permission.PPA_READ_DRAFT, Permission.PPA_READ_SOCIAL_SECTIONS)
@require_POST
def forget(request: Any, person_id: UUID, code: str) -> HttpResponse:
    """Let go of what its author had begun and not saved."""
    form = forms.ForgetForm(request.POST, target=person_id, code=code)
    if not submit(form, forget_draft, request.actor):
        return refused(request, form)
    messages.success(request, "C’est oublié.")
    return redirect(_form_address(code, person_id, request))


@screen(Permission.PPA_READ_SOCIAL_SECTIONS)
@require_safe
def social(request: Any, person_id: UUID) -> HttpResponse:
    """Show the social part of the plan: daily life, rights, carers, and what is done about them."""
    plan = social_part_of(person_id, actor=request.actor)
    context = {"banner": banner_of(person_id, actor=request.actor), "plan": plan}
    return page(request, "ppa/plans/social.html", {**context, **(_written_lines(plan, request) if plan else {})})


@screen(Permission.PPA_READ_SOCIAL_SECTIONS)
@require_http_methods(["GET", "POST"])
def social_topic(request: Any, person_id: UUID, code: str) -> HttpResponse:
    """Show and write one social topic."""
    return _topic(request, _topics(request, person_id, ways=SOCIAL), code, ways=SOCIAL)


@screen(Permission.PPA_READ_SOCIAL_SECTIONS)
@require_POST
def social_pace(request: Any, person_id: UUID, code: str) -> HttpResponse:
    """Keep how far the person wishes to go on a social topic."""
    return _pace(request, _topics(request, person_id, ways=SOCIAL), code, ways=SOCIAL)


@screen(Permission.PPA_UPDATE_DRAFT_COORDINATION_SECTION)
@require_http_methods(["GET", "POST"])
def need(request: Any, person_id: UUID) -> HttpResponse:
    """Add a need, its first goal and its first action."""
    plan = _plan(request, person_id)
    typed = _typed(request, plan, NEED)
    form = forms.NeedForm(posted_by(request), target=plan.id, initial=typed.initial)
    return _form_page(
        request,
        person_id,
        form,
        start_need,
        title="Un besoin",
        submit_label="Ajouter au plan",
        reading={"typed": typed},
    )


@screen(Permission.PPA_UPDATE_DRAFT_COORDINATION_SECTION)
@require_http_methods(["GET", "POST"])
def goal(request: Any, person_id: UUID, need_id: UUID) -> HttpResponse:
    """Add a goal to a need."""
    subject = _plan(request, person_id).need(need_id)
    form = forms.GoalForm(posted_by(request), target=need_id)
    return _form_page(
        request, person_id, form, add_goal, title="Un autre objectif", subtitle=subject.text, submit_label="Ajouter"
    )


@screen(Permission.PPA_UPDATE_DRAFT_COORDINATION_SECTION)
@require_http_methods(["GET", "POST"])
def action(request: Any, person_id: UUID, goal_id: UUID) -> HttpResponse:
    """Add an action to a goal."""
    subject = _plan(request, person_id).goal(goal_id)
    form = forms.ActionForm(posted_by(request), target=goal_id)
    return _form_page(
        request, person_id, form, add_action, title="Une action", subtitle=subject.text, submit_label="Ajouter"
    )


@screen(Permission.PPA_UPDATE_DRAFT_COORDINATION_SECTION)
@require_http_methods(["GET", "POST"])
def reword(request: Any, person_id: UUID, action_id: UUID) -> HttpResponse:
    """Word an action otherwise, or give it to somebody else."""
    subject = _plan(request, person_id).action(action_id)
    initial = {"version": subject.version, "what": subject.what, "who": subject.who, "due_on": subject.due_on}
    form = forms.RewordForm(posted_by(request), target=action_id, initial=initial)
    return _form_page(request, person_id, form, update_action, title="Modifier l’action", submit_label="Enregistrer")


@screen(Permission.PPA_UPDATE_DRAFT_COORDINATION_SECTION)
@require_http_methods(["GET", "POST"])
def word_need(request: Any, person_id: UUID, need_id: UUID) -> HttpResponse:
    """Word a need otherwise."""
    subject = _plan(request, person_id).need(need_id)
    initial = {"version": subject.version, "need": subject.text}
    form = forms.RewordNeedForm(posted_by(request), target=need_id, initial=initial)
    return _form_page(request, person_id, form, reword_need, title="Modifier le besoin", submit_label="Enregistrer")


@screen(Permission.PPA_UPDATE_DRAFT_COORDINATION_SECTION)
@require_http_methods(["GET", "POST"])
def set_aside(request: Any, person_id: UUID, need_id: UUID) -> HttpResponse:
    """Set a need aside with its goals."""
    subject = _plan(request, person_id).need(need_id)
    form = forms.AsideForm(posted_by(request), target=need_id, initial={"version": subject.version})
    return _form_page(
        request, person_id, form, set_need_aside,
        title="Mettre ce besoin de côté ?",
        subtitle=f"« {Truncator(subject.text).chars(80)} » ne sera plus dans les prochaines versions. Les versions signées le gardent.",
        submit_label="Mettre de côté",
    )  # fmt: skip


@screen(Permission.PPA_UPDATE_DRAFT_COORDINATION_SECTION)
@require_http_methods(["GET", "POST"])
def take_up(request: Any, person_id: UUID, need_id: UUID) -> HttpResponse:
    """Take up a need that was set aside."""
    subject = _plan(request, person_id).need(need_id)
    form = forms.TakeUpForm(posted_by(request), target=need_id, initial={"version": subject.version})
    return _form_page(
        request, person_id, form, take_need_up,
        title="Reprendre ce besoin ?",
        subtitle=f"« {Truncator(subject.text).chars(80)} » reviendra dans le plan, avec ses objectifs.",
        submit_label="Reprendre",
    )  # fmt: skip


@screen(Permission.PPA_UPDATE_DRAFT_COORDINATION_SECTION)
@require_http_methods(["GET", "POST"])
def word_goal(request: Any, person_id: UUID, goal_id: UUID) -> HttpResponse:
    """Word a goal otherwise."""
    subject = _plan(request, person_id).goal(goal_id)
    initial = {
        "version": subject.version,
        "goal": subject.text,
        "words": subject.words,
        "speaker": subject.speaker,
    }
    form = forms.RewordGoalForm(posted_by(request), target=goal_id, initial=initial)
    return _form_page(request, person_id, form, reword_goal, title="Modifier l’objectif", submit_label="Enregistrer")


@screen(Permission.PPA_UPDATE_DRAFT_COORDINATION_SECTION)
@require_http_methods(["GET", "POST"])
def settle_goal(request: Any, person_id: UUID, goal_id: UUID) -> HttpResponse:
    """Tell where a goal stands."""
    subject = _plan(request, person_id).goal(goal_id)
    initial = {
        "version": subject.version,
        "status": subject.status,
        "settled_on": subject.settled_on or today(),
        "outcome": subject.outcome,
    }
    form = forms.FollowGoalForm(posted_by(request), target=goal_id, initial=initial)
    return _form_page(
        request,
        person_id,
        form,
        follow_goal,
        title="Où en est l’objectif",
        subtitle=subject.text,
        submit_label="Enregistrer",
    )


@screen(Permission.PPA_FOLLOW_ACTION)
@require_http_methods(["GET", "POST"])
def follow(request: Any, person_id: UUID, action_id: UUID) -> HttpResponse:
    """Tell how an action goes."""
    plan = _found(followed_by(person_id, actor=request.actor))
    subject, may_entrust = (
        plan.action(action_id),
        Permission.ENTRUSTED_ACTION_ENTRUST in rights_on(plan, actor=request.actor),
    )
    may_entrust = may_entrust and subject.is_to_do and plan.state != PlanState.CLOSED
    initial = {"version": subject.version, "status": subject.status, "outcome": subject.outcome}
    form = forms.FollowForm(posted_by(request), target=action_id, initial=initial)
    return _form_page(
        request,
        person_id,
        form,
        follow_action,
        title="Suivre l’action",
        subtitle=subject.what,
        submit_label="Enregistrer",
        reading={"to_entrust": subject if may_entrust else None},
    )


@screen(Permission.PPA_UPDATE_DRAFT_COORDINATION_SECTION)
@require_POST
def share(request: Any, person_id: UUID) -> HttpResponse:
    """Say that the draft was read with the person."""
    plan = _plan(request, person_id)
    form = forms.ShareForm(request.POST, target=plan.id)
    if not submit(form, share_plan, request.actor):
        return refused(request, form)
    messages.success(request, "Le plan est partagé avec la personne. Quand elle sera prête, recueillez son accord.")
    if Permission.PPA_RECORD_AGREEMENT in rights_on(plan, actor=request.actor):
        return redirect("plans:agree", person_id)
    return redirect("plans:page", person_id)


@screen(Permission.PPA_RECORD_AGREEMENT)
@require_http_methods(["GET", "POST"])
def agree(request: Any, person_id: UUID) -> HttpResponse:
    """Record the person's agreement."""
    plan = _plan(request, person_id)
    form = _on_version(forms.AgreementForm, request, plan)
    return _form_page(
        request, person_id, form, record_agreement,
        title="L’accord de la personne",
        subtitle="Rien ne l’oblige à le donner, et elle pourra changer d’avis.",
        submit_label="Noter l’accord",
    )  # fmt: skip


@screen(Permission.PPA_RECORD_AGREEMENT)
@require_http_methods(["GET", "POST"])
def take_back(request: Any, person_id: UUID) -> HttpResponse:
    """Record that the person goes back on her agreement."""
    plan = _plan(request, person_id)
    form = _on_version(forms.TakeAgreementBackForm, request, plan)
    return _form_page(
        request, person_id, form, take_agreement_back,
        title="La personne revient sur son accord",
        subtitle="C’est son droit, à tout moment. Ce qui a été noté reste dans l’historique ; rien ne sera signé tant qu’elle n’aura pas donné un nouvel accord.",
        submit_label="Noter qu’elle revient sur son accord",
        reading={"agreement": plan.agreement},
    )  # fmt: skip


@screen(Permission.PPA_VALIDATE_SIGN)
@require_http_methods(["GET", "POST"])
def sign(request: Any, person_id: UUID) -> HttpResponse:
    """Sign the version that the person agreed to."""
    plan = _plan(request, person_id)
    form = _on_version(forms.SignForm, request, plan)
    return _form_page(
        request, person_id, form, sign_version,
        title=f"Signer la version {plan.number}",
        subtitle="Relisez le plan ci-dessous. Une fois signé, il ne changera plus ; son PDF est préparé aussitôt.",
        submit_label="Signer",
        reading={"agreement": plan.agreement, **_read(_written(plan))},
    )  # fmt: skip


@screen(Permission.PPA_SUPERSEDE_NEW_VERSION)
@require_POST
def revise(request: Any, person_id: UUID) -> HttpResponse:
    """Take a signed plan up again."""
    plan = _plan(request, person_id)
    form = forms.ReviseForm(request.POST, target=plan.id)
    if not submit(form, revise_plan, request.actor):
        return refused(request, form)
    messages.success(request, "La révision est commencée. La version signée reste valable d’ici là.")
    return redirect("plans:page", person_id)


@screen(Permission.PPA_SUPERSEDE_NEW_VERSION)
@require_http_methods(["GET", "POST"])
def abandon(request: Any, person_id: UUID) -> HttpResponse:
    """Write the next version no more, once one has seen what would be put aside."""
    plan = _plan(request, person_id)
    form = _on_version(forms.AbandonForm, request, plan)
    return _form_page(
        request, person_id, form, abandon_revision,
        title="Abandonner la révision",
        subtitle="La dernière version signée redevient le plan. Ce qui a été écrit depuis reste lisible parmi les versions. Les conduites à tenir et les médicaments prévus ne changent pas.",
        submit_label="Abandonner la révision",
        reading={"put_aside": begun_since(plan), "sides": SINCE},
    )  # fmt: skip


@screen(Permission.PPA_REVOKE)
@require_http_methods(["GET", "POST"])
def close(request: Any, person_id: UUID) -> HttpResponse:
    """Bring the plan to its end."""
    plan = _plan(request, person_id)
    form = _on_version(forms.CloseForm, request, plan)
    return _form_page(
        request, person_id, form, close_plan,
        title="Clore le plan",
        subtitle="Le plan et ses versions restent lisibles.",
        submit_label="Clore le plan",
    )  # fmt: skip


@screen(Permission.PPA_READ_DRAFT)
@require_safe
def conversations(request: Any, person_id: UUID) -> HttpResponse:
    """Show every conversation with the person, the latest first."""
    plan = _plan(request, person_id)
    context = {
        "banner": banner_of(person_id, actor=request.actor),
        "conversations": plan.kept(EntryKind.CONVERSATION, EntryKind.TAKEN_BACK),
        "may_converse": Permission.PPA_RECORD_CONVERSATION in rights_on(plan, actor=request.actor),
    }
    return page(request, "ppa/plans/conversations.html", context)


@screen(Permission.PPA_READ_DRAFT)
@require_safe
def actions(request: Any, person_id: UUID) -> HttpResponse:
    """Show every action of the plan, finished ones too."""
    plan = _plan(request, person_id)
    banner = banner_of(person_id, actor=request.actor)
    lines = _written_lines(plan, request)
    lines["needs"] += lines.pop("set_aside")
    return page(request, "ppa/plans/actions.html", {"banner": banner, "plan": plan, **lines})


@screen(Permission.PPA_READ_DRAFT)
@require_safe
def versions(request: Any, person_id: UUID) -> HttpResponse:
    """Show every signed version of the plan, the latest first, then those of the plans that were closed; compare any two."""
    plan = _plan(request, person_id)
    rights = rights_on(plan, actor=request.actor)
    form = _compare_form(plan, request)
    if form and form.is_bound and form.is_valid():
        chosen = (UUID(form.cleaned_data[name]) for name in ("before", "after"))
        return _comparison(request, person_id, compared_versions(person_id, *chosen, actor=request.actor))
    context = {
        "compare_form": form,
        "banner": banner_of(person_id, actor=request.actor),
        "neighbours": _neighbours(plan),
        "former": plan.former,
        "abandoned": abandoned_revisions(person_id) if Permission.PPA_HISTORY in rights else (),
        "sides": SINCE,
        "may_print": Permission.PPA_PRINT_EXPORT_PDF in rights,
    }
    return page(request, "ppa/plans/versions.html", context, form=form)


@screen(Permission.PPA_RECORD_CONVERSATION)
@require_http_methods(["GET", "POST"])
def conversation(request: Any, person_id: UUID) -> HttpResponse:
    """Note a conversation with the person."""
    plan = _plan(request, person_id)
    typed = _typed(request, plan, CONVERSATION)
    form = forms.ConversationForm(posted_by(request), target=plan.id, initial=typed.initial)
    return _form_page(
        request,
        person_id,
        form,
        record_conversation,
        title="Une conversation",
        submit_label="Enregistrer",
        reading={"typed": typed},
    )


@screen(Permission.PPA_UPDATE_DRAFT_COORDINATION_SECTION)
@require_http_methods(["GET", "POST"])
def place(request: Any, person_id: UUID) -> HttpResponse:
    """Note where the person wishes to be cared for, or to die."""
    plan = _plan(request, person_id)
    form = forms.PlaceForm(posted_by(request), target=plan.id)
    return _form_page(
        request, person_id, form, record_place,
        title="Le lieu souhaité",
        subtitle="Ne pas savoir, ou ne pas vouloir le dire, sont aussi des réponses.",
        submit_label="Noter",
    )  # fmt: skip


@screen(Permission.PPA_RECORD_CIRCULATION)
@require_http_methods(["GET", "POST"])
def deposit(request: Any, person_id: UUID) -> HttpResponse:
    """Note that somebody deposited the signed version by hand."""
    plan = _plan(request, person_id)
    form = _on_version(forms.DepositForm, request, plan)
    return _form_page(
        request, person_id, form, record_deposit,
        title="Noter un dépôt du plan",
        subtitle="Rien n’est envoyé d’ici : notez ce que quelqu’un a déposé lui-même.",
        submit_label="Noter le dépôt",
    )  # fmt: skip


@screen(Permission.PPA_RECORD_CIRCULATION)
@require_http_methods(["GET", "POST"])
def refuse(request: Any, person_id: UUID) -> HttpResponse:
    """Note that the person does not wish a deposit."""
    plan = _plan(request, person_id)
    form = _on_version(forms.RefusalForm, request, plan)
    return _form_page(
        request, person_id, form, refuse_publication,
        title="La personne ne souhaite pas de dépôt",
        subtitle="C’est son droit, et elle peut changer d’avis. Le plan reste valable.",
        submit_label="Noter",
    )  # fmt: skip


@screen(Permission.PPA_RECORD_CIRCULATION)
@require_http_methods(["GET", "POST"])
def hand(request: Any, person_id: UUID) -> HttpResponse:
    """Note to whom a paper of the signed version was given."""
    plan = _plan(request, person_id)
    form = _on_version(forms.HandOutForm, request, plan)
    return _form_page(
        request, person_id, form, hand_out, title="Remettre le plan sur papier", submit_label="Noter la remise"
    )


@screen(Permission.PPA_SUPERSEDE_NEW_VERSION)
@require_http_methods(["GET", "POST"])
def review(request: Any, person_id: UUID) -> HttpResponse:
    """Choose when to look at the plan again."""
    plan = _plan(request, person_id)
    initial = {"version": plan.version, "review_on": plan.review_on}
    form = forms.ReviewForm(posted_by(request), target=plan.id, initial=initial)
    return _form_page(request, person_id, form, set_review, title="Quand relire le plan", submit_label="Enregistrer")


@screen(Permission.PPA_SUPERSEDE_NEW_VERSION)
@require_http_methods(["GET", "POST"])
def confirm(request: Any, person_id: UUID) -> HttpResponse:
    """Note that what is in force was read again and that nothing changes."""
    plan = _plan(request, person_id)
    form = _on_version(forms.ConfirmForm, request, plan)
    return _form_page(
        request, person_id, form, confirm_plan,
        title="Le plan a été relu, rien ne change",
        subtitle="La version signée reste en vigueur. Si quelque chose a changé pour la personne, révisez plutôt le plan.",
        submit_label="Noter la relecture",
    )  # fmt: skip


@screen(Permission.PPA_READ_DRAFT)
@require_safe
def coordination(request: Any, person_id: UUID) -> HttpResponse:
    """Show the same plan in the order of the PPCS (HAS, 2019): nobody types it twice."""
    plan = _plan(request, person_id)
    needs, content = standing(plan.needs), _written(plan)
    context = {
        "banner": banner_of(person_id, actor=request.actor),
        "plan": plan,
        "needs": needs,
        "reached": [goal for need in needs for goal in need.goals if goal.is_reached],
        "state_label": PLAN.label(plan.state),
        "members": members_told(person_id, actor=request.actor),
        "relatives": relatives_told(person_id, actor=request.actor),
        "parts": by_part(content["topics"]),
        "on_file": _wishes_on_file(person_id, request.actor),
        "wishes": WISHES,
        "foreseen": crises_told(content, at_home(person_id)),
        "may_print": Permission.PPA_PRINT_EXPORT_PDF in rights_on(plan, actor=request.actor),
        "places": wished_places(plan.entries),
        "not_reached": goals_not_reached(plan, today=today()),
    }
    return page(request, "ppa/plans/ppcs.html", context)


@screen(Permission.PPA_HISTORY)
@require_safe
def compare(request: Any, person_id: UUID, number: int, other: int) -> HttpResponse:
    """Show what differs between two signed versions."""
    return _comparison(request, person_id, compared(person_id, number, other, actor=request.actor))


@screen(Permission.PPA_READ_VALIDATED)
@require_safe
def version(request: Any, person_id: UUID, number: int) -> HttpResponse:
    """Show a signed version as the person agreed to it."""
    found = version_for(person_id, number, actor=request.actor)
    about = Facts(type="plan", person_id=person_id)
    context = {
        **frame_of(person_id, actor=request.actor),
        **_read(found.content),
        "version": found,
        "person_id": person_id,
        "may_print": is_permitted(request.actor, Permission.PPA_PRINT_EXPORT_PDF, about),
        "may_coordinate": is_permitted(request.actor, Permission.PPA_READ_DRAFT, about),
    }
    return page(request, "ppa/plans/version.html", context)


@screen(Permission.PPA_PRINT_EXPORT_PDF)
@require_safe
def paper(request: Any, person_id: UUID, number: int) -> HttpResponse:
    """Give the PDF of a signed version, to be saved: it never opens inside a page of ours."""
    card, content = version_paper(person_id, number, actor=request.actor)
    return HttpResponse(
        content,
        content_type=card.content_type,
        headers={
            "Content-Disposition": f'attachment; filename="PPA-version-{number}.pdf"',
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'",
        },
    )


@screen(Permission.PPA_READ_DRAFT)
@require_safe
def easy(request: Any, person_id: UUID) -> HttpResponse:
    """Give what is written now as an easy-to-read PDF, to be read with the person."""
    return handed_pdf(easy_draft(person_id, actor=request.actor), "plan-facile-a-lire")


@screen(Permission.PPA_PRINT_EXPORT_PDF)
@require_safe
def easy_paper(request: Any, person_id: UUID, number: int) -> HttpResponse:
    """Give the easy-to-read PDF of a signed version."""
    content = easy_version(person_id, number, actor=request.actor)
    return handed_pdf(content, f"plan-facile-a-lire-version-{number}")


@screen(Permission.PPA_READ_DRAFT)
@require_safe
def ppcs_paper(request: Any, person_id: UUID, number: int) -> HttpResponse:
    """Give a signed version as the PDF of a PPCS."""
    return handed_pdf(ppcs_version(person_id, number, actor=request.actor), f"PPCS-version-{number}")


def _compare_form(plan: PlanSnapshot, request: Any) -> forms.CompareForm | None:
    cards = (*plan.versions, *plan.former)
    may_compare = len(cards) > 1 and Permission.PPA_HISTORY in rights_on(plan, actor=request.actor)
    return forms.CompareForm(request.GET if "before" in request.GET else None, cards=cards) if may_compare else None


def _comparison(request: Any, person_id: UUID, found: Compared) -> HttpResponse:
    numbered = zip((found.before, found.after), found.signed, strict=True)
    context = {
        "banner": banner_of(person_id, actor=request.actor),
        "compared": found,
        "sides": [f"Version {number} du {written_day(day_of(at))}" for number, at in numbered],
    }
    return page(request, "ppa/plans/compare.html", context)


def _plan(request: Any, person_id: UUID) -> PlanSnapshot:
    return _found(plan_of(person_id, actor=request.actor))


def _topics(request: Any, person_id: UUID, *, ways: Mapping[str, str]) -> PlanSnapshot:
    return _found(topics_part_of(person_id, actor=request.actor, social=ways is SOCIAL))


def _found(plan: PlanSnapshot | None) -> PlanSnapshot:
    if plan is None:
        raise NotFound
    return plan


def _page_of(person_id: UUID, request: Any) -> str:
    """Return the address of the plan that an actor may read: of the whole, else of its social part."""
    whole = is_permitted(request.actor, Permission.PPA_READ_DRAFT, Facts(type="plan", person_id=person_id))
    return reverse((WHOLE if whole else SOCIAL)["page"], args=[person_id])


def _topic(request: Any, plan: PlanSnapshot, code: str, *, ways: Mapping[str, str]) -> HttpResponse:
    shown, typed = plan.topic(code), _typed(request, plan, code)
    initial = {"text": shown.text, "version": shown.version, **typed.initial}
    form = forms.TopicForm(posted_by(request), target=plan.id, code=code, initial=initial)
    if request.method == "POST" and submit(form, write_topic, request.actor):
        return _after_writing(request, plan, code, ways=ways)
    return _topic_page(
        request, plan, shown, form=form, pace_form=_pace_form(plan, shown), bound=form, ways=ways, typed=typed
    )


def _pace(request: Any, plan: PlanSnapshot, code: str, *, ways: Mapping[str, str]) -> HttpResponse:
    shown = plan.topic(code)
    form = forms.PaceForm(request.POST, target=plan.id, code=code, auto_id="pace_%s")
    if submit(form, set_topic_pace, request.actor):
        messages.success(request, "C’est noté. La personne peut changer d’avis à tout moment.")
        return redirect(ways["page"], plan.person_id)
    text_form = forms.TopicForm(None, target=plan.id, code=code, initial={"text": shown.text, "version": shown.version})
    typed = _typed(request, plan, code)
    return _topic_page(request, plan, shown, form=text_form, pace_form=form, bound=form, ways=ways, typed=typed)


def _typed(request: Any, plan: PlanSnapshot, code: str) -> Typed:
    """Return what the actor had begun in a form, when he may still write there; asked for by `?reprendre`, it is taken up."""
    may_write = right_at(code) in rights_on(plan, actor=request.actor)
    draft = own_draft(plan, code, actor=request.actor) if may_write and request.method == "GET" else None
    resumed = draft is not None and "reprendre" in request.GET
    initial = {**draft.content, "version": draft.started_from} if draft and resumed else {}
    return Typed(code=code, draft=draft, is_resumed=resumed, initial=initial)


def _kept(form: forms.DraftForm, request: Any) -> dict[str, Any]:
    if not form.is_valid():
        return {"trouble": "Ce texte est trop long : il n’est pas gardé. Raccourcissez-le, puis enregistrez."}
    try:
        receipt = keep_draft(form.to_record(), by=request.actor)
    except ReadOnly:
        return {"trouble": "Le service est en lecture seule pour un moment. Votre texte reste dans cette page."}
    except (Busy, PersonHasDied) as refusal:
        return {"trouble": refusal.message}
    return {"kept_at": now() if receipt.version else None}


def _form_address(code: str, person_id: UUID, request: Any) -> str:
    """Return the address of the form whose words are kept under a code."""
    if code in FORMS:
        return reverse(f"plans:{code}", args=[person_id])
    whole = is_permitted(request.actor, Permission.PPA_READ_DRAFT, Facts(type="plan", person_id=person_id))
    return reverse((WHOLE if whole else SOCIAL)["topic"], args=[person_id, code])


def _on_version(form: type[forms.PlanForm], request: HttpRequest, plan: PlanSnapshot) -> forms.PlanForm:
    """Return a form about the plan as it is shown, filled by what was posted."""
    return form(posted_by(request), target=plan.id, initial={"version": plan.version})


def _open_form(person_id: UUID) -> forms.OpenForm:
    return forms.OpenForm(None, target=person_id)


def _pace_form(plan: PlanSnapshot, shown: TopicSnapshot) -> forms.PaceForm:
    return forms.PaceForm(
        None, target=plan.id, code=shown.topic.code, auto_id="pace_%s", initial={"pace": shown.pace or Pace.OPEN}
    )


def _after_writing(request: Any, plan: PlanSnapshot, code: str, *, ways: Mapping[str, str]) -> HttpResponse:
    if _topics(request, plan.person_id, ways=ways).topic(code).others:
        messages.warning(request, "Quelqu’un écrivait en même temps : les deux textes sont gardés. Rapprochez-les ici.")
        return redirect(ways["topic"], plan.person_id, code)
    messages.success(request, "Le thème est enregistré.")
    return redirect(ways["page"], plan.person_id)


def _topic_page(
    request: Any,
    plan: PlanSnapshot,
    shown: TopicSnapshot,
    *,
    form: forms.TopicForm,
    pace_form: forms.PaceForm,
    bound: forms.PlanForm,
    ways: Mapping[str, str],
    typed: Typed,
) -> HttpResponse:
    context = {
        "typed": typed,
        "banner": banner_of(plan.person_id, actor=request.actor),
        "shown": shown,
        "form": form,
        "pace_form": pace_form,
        "may_write": WRITERS[shown.topic.domain] in rights_on(plan, actor=request.actor),
        "rather_not": shown.pace in (Pace.NOT_NOW, Pace.NEVER),
        "on_file": _on_file(shown.topic.code, plan, request.actor),
        "ways": ways,
    }
    return page(request, "ppa/plans/topic.html", context, form=bound)


def _on_file(code: str, plan: PlanSnapshot, actor: Actor) -> list[tuple[str, str]]:
    """Return what the file holds already about a topic, each line with the way to it."""
    here = [plan.person_id]
    lines: list[tuple[str, str]] = []
    if code == "circumstances":
        lines = _announced(plan.person_id, actor)
    elif code == "directives":
        lines = _wishes_on_file(plan.person_id, actor)
    elif code == "review" and plan.review_on:
        lines = [(f"Relecture prévue avant le {written_day(plan.review_on)}.", reverse("plans:page", args=here))]
    return [line for line in lines if line[0]]


def _wishes_on_file(person_id: UUID, actor: Actor) -> list[tuple[str, str]]:
    """Return that directives and a trusted person are on file, as far as the actor may know it, each with the way to it."""
    lines = [
        (directives_told(person_id, actor=actor), reverse("directives:index", args=[person_id])),
        (trusted_told(person_id, actor=actor), reverse("trusted_persons:index", args=[person_id])),
    ]
    return [line for line in lines if line[0]]


def _announced(person_id: UUID, actor: Actor) -> list[tuple[str, str]]:
    lines = []
    if is_permitted(actor, Permission.ANNOUNCEMENT_READ, Facts(type="announcement", person_id=person_id)):
        for one in announcements_of(person_id, actor=actor):
            way = reverse("announcements:page", args=[person_id, one.announcement.id])
            lines.append((f"{one.title}, le {written_day(one.announcement.announced_on)}.", way))
    proposal = _proposal(person_id, actor)
    if proposal:
        label = PROPOSAL.label(proposal.state).lower()
        way = reverse("announcements:proposal", args=[person_id, proposal.id])
        lines.append((f"Plan proposé le {written_day(proposal.proposed_on)} : {label}.", way))
    return lines


def _proposal(person_id: UUID, actor: Actor) -> ProposalHeading | None:
    may_read = is_permitted(actor, Permission.PLAN_PROPOSAL_READ, Facts(type="plan_proposal", person_id=person_id))
    return proposal_heading(person_id, actor=actor) if may_read else None


def _form_page(
    request: Any,
    person_id: UUID,
    form: forms.PlanForm,
    writer: Any,
    *,
    title: str,
    submit_label: str,
    subtitle: str = "",
    reading: dict[str, Any] | None = None,
) -> HttpResponse:
    if request.method == "POST" and submit(form, writer, request.actor):
        messages.success(request, "C’est enregistré.")
        return redirect(_page_of(person_id, request))
    context = {
        "banner": banner_of(person_id, actor=request.actor),
        "form": form,
        "title": title,
        "subtitle": subtitle,
        "submit_label": submit_label,
        "back": _page_of(person_id, request),
        **(reading or {}),
    }
    return page(request, "ppa/plans/form.html", context, form=form)


def _shown(plan: PlanSnapshot, request: Any) -> dict[str, Any]:
    rights = rights_on(plan, actor=request.actor)
    may_write = Permission.PPA_UPDATE_DRAFT_COORDINATION_SECTION in rights
    agreement_holds = plan.state == PlanState.AGREED and plan.agreement_is_current
    return {
        **beside("plan", plan.id, person_id=plan.person_id, actor=request.actor),
        "outline": outline_named(plan.outline),
        "state_label": PLAN.label(plan.state),
        "state_tone": TONES.get(plan.state, "neutral"),
        "steps": _steps(plan),
        **_written_lines(plan, request, may_write=may_write),
        **_asked(plan, request),
        "share_form": _version_form(forms.ShareForm, plan) if may_write and _may(plan, PlanAction.SHARE) else None,
        "may_agree": Permission.PPA_RECORD_AGREEMENT in rights and _may(plan, PlanAction.AGREE) and not agreement_holds,
        "may_take_back": Permission.PPA_RECORD_AGREEMENT in rights and _may(plan, PlanAction.TAKE_AGREEMENT_BACK),
        "taken_back": _taken_back(plan),
        "may_sign": Permission.PPA_VALIDATE_SIGN in rights and agreement_holds,
        "revise_form": _version_form(forms.ReviseForm, plan)
        if Permission.PPA_SUPERSEDE_NEW_VERSION in rights and _may(plan, PlanAction.REVISE)
        else None,
        "may_abandon": Permission.PPA_SUPERSEDE_NEW_VERSION in rights
        and plan.versions
        and _may(plan, PlanAction.ABANDON),
        "may_close": Permission.PPA_REVOKE in rights and _may(plan, PlanAction.CLOSE),
        "may_print": Permission.PPA_PRINT_EXPORT_PDF in rights,
        "foreseen": [
            {
                "crisis": crisis,
                "drugs": [
                    {"shown": one, "line": order_line(one.order), "flags": flags_of(one, today=today())}
                    for one in crisis.prescriptions
                ],
            }
            for crisis in plan.crises
        ],
        "places": wished_places(plan.entries),
        "conversations": plan.kept(EntryKind.CONVERSATION)[:FEW],
        "deposits": plan.kept(EntryKind.DEPOSIT),
        "refusals": plan.kept(EntryKind.REFUSAL),
        "papers": [
            {"entry": entry, "is_old": entry.number < plan.versions[0].number}
            for entry in plan.kept(EntryKind.HAND_OUT)
        ],
        "may_converse": Permission.PPA_RECORD_CONVERSATION in rights and plan.state != PlanState.CLOSED,
        "may_circulate": Permission.PPA_RECORD_CIRCULATION in rights
        and plan.versions
        and plan.state != PlanState.CLOSED,
        "may_set_review": Permission.PPA_SUPERSEDE_NEW_VERSION in rights and plan.state != PlanState.CLOSED,
        "may_confirm": Permission.PPA_SUPERSEDE_NEW_VERSION in rights and plan.state in IN_FORCE,
        "read_again": next((one for one in plan.kept(EntryKind.REVIEWED) if one.number == plan.number), None),
        "review_is_due": plan.review_on is not None and plan.review_on <= today(),
        "to_offer_again": [
            shown.topic
            for shown in plan.topics
            if shown.pace == Pace.NOT_NOW and (again := shown.offers[-1].come_back_on) and again <= today()
        ],
        "neighbours": _neighbours(plan)[:FEW],
        "more_actions": any(action.status not in TO_DO for action in plan.actions),
        "may_foresee": Permission.ANTICIPATED_CRISIS_WRITE in rights and plan.state != PlanState.CLOSED,
        "agreement_is_old": plan.state == PlanState.AGREED and not plan.agreement_is_current,
        "is_draft": plan.state in DRAFTS,
    }


def _taken_back(plan: PlanSnapshot) -> EntrySnapshot | None:
    """Return how she last went back on her agreement to the version being written, until she agrees again."""
    if plan.agreement is not None or plan.state not in DRAFTS:
        return None
    return next((one for one in plan.kept(EntryKind.TAKEN_BACK) if one.number == plan.number), None)


def _asked(plan: PlanSnapshot, request: Any) -> dict[str, Any]:
    """Return what she answered when it is no yes, and whether another plan may begin."""
    proposal = _proposal(plan.person_id, request.actor)
    said_yes = proposal is None or proposal.state == ProposalState.ACCEPTED
    is_closed = plan.state == PlanState.CLOSED
    wanted_no_more = is_closed and is_wanted_no_more(plan.person_id)
    return {
        "proposal": None if said_yes else proposal,
        "proposal_label": PROPOSAL.label(proposal.state) if proposal else "",
        "wanted_no_more": wanted_no_more,
        "may_begin": is_closed and said_yes and not wanted_no_more,
    }


def _written_lines(plan: PlanSnapshot, request: Any, *, may_write: bool = False) -> dict[str, Any]:
    """Return what the blocks of topics and of needs show; `may_write`: with the ways to change what is planned."""
    rights = rights_on(plan, actor=request.actor)
    may_follow = Permission.PPA_FOLLOW_ACTION in rights and plan.state != PlanState.CLOSED
    ways = WHOLE if Permission.PPA_READ_DRAFT in rights else SOCIAL
    address = reverse(ways["page"], args=[plan.person_id])
    lines = [
        {
            "shown": shown,
            "url": f"{address}themes/{shown.topic.code}/",
            "pace_label": shown.offers[-1].label if shown.offers else "",
            "pace_tone": PACE_TONES[shown.pace] if shown.pace else "",
            "may_write": WRITERS[shown.topic.domain] in rights,
            "is_spoken_of": bool(shown.text or shown.others),
        }
        for shown in plan.topics
    ]
    needs = _need_lines(plan, may_write=may_write, may_follow=may_follow)
    return {
        "topics": [line for line in lines if line["is_spoken_of"]],
        "silent_topics": [line for line in lines if not line["is_spoken_of"]],
        "needs": [line for line in needs if line["need"].dropped_on is None],
        "set_aside": [line for line in needs if line["need"].dropped_on is not None],
        "may_write": may_write,
    }


def _need_lines(plan: PlanSnapshot, *, may_write: bool, may_follow: bool) -> list[dict[str, Any]]:
    """Return each need with its goals, and of each action the columns of `_needs.html`: there may be two hundred."""
    address = reverse("plans:actions", args=[plan.person_id])

    def columns(one: ActionSnapshot) -> tuple[Any, ...]:
        change, follow = f"{address}{one.id}/" if may_write else "", f"{address}{one.id}/suivi/" if may_follow else ""
        return change, one.what, one.outcome, one.who, one.due_on, follow, one.status_label

    return [
        {
            "need": need,
            "goals": [
                {
                    "goal": goal,
                    "is_left": goal.status == GoalStatus.GIVEN_UP,
                    "actions": [columns(one) for one in goal.actions],
                }
                for goal in need.goals
            ],
        }
        for need in plan.needs
    ]


def _neighbours(plan: PlanSnapshot) -> list[dict[str, Any]]:
    address = reverse("plans:versions", args=[plan.person_id])
    return [
        {
            "card": card,
            "url": f"{address}{card.number}/",
            "before": card.number - 1,
            "compare_url": f"{address}{card.number - 1}/comparer/{card.number}/" if card.number > 1 else "",
        }
        for card in plan.versions
    ]


def _may(plan: PlanSnapshot, action: PlanAction) -> bool:
    return PLAN.may(action, plan.state)


def _version_form(kind: type[forms.PlanForm], plan: PlanSnapshot) -> forms.PlanForm:
    return kind(None, target=plan.id, initial={"version": plan.version})


def _steps(plan: PlanSnapshot) -> list[dict[str, str]]:
    state = PlanState.DRAFTING if plan.state == PlanState.UNDER_REVIEW else plan.state
    state = PlanState.SIGNED if state in IN_FORCE else state
    if state not in STEPS:
        return []
    place = STEPS.index(state)
    done = place + 1 if state == PlanState.SIGNED else place
    return [
        {
            "label": PLAN.label(step),
            "state": "done" if index < done else "current" if index == place else "todo",
        }
        for index, step in enumerate(STEPS)
    ]


def _written(plan: PlanSnapshot) -> dict[str, Any]:
    return content_of(
        outline=plan.outline,
        topics=plan.topics,
        needs=plan.needs,
        crises=plan.crises,
        places=wished_places(plan.entries),
    )


def _read(content: dict[str, Any]) -> dict[str, Any]:
    return {
        "topics": [{**each, "pace_label": held_back(each)} for each in content["topics"]],
        "foreseen": crises_lines(content.get("crises", ())),
        "places": [
            {
                "moment_label": MOMENT_LABELS[PlaceMoment(wished["moment"])],
                "place_label": PLACE_LABELS[Place(wished["place"])],
                "words": wished["words"],
            }
            for wished in content.get("places", ())
        ],
        "needs": [
            {
                **need,
                "goals": [
                    {
                        **goal,
                        "label": words_line(goal),
                        "reached": reached_line(goal),
                        "actions": [{**action, "due_on": _day(action["due_on"])} for action in goal["actions"]],
                    }
                    for goal in need["goals"]
                ],
            }
            for need in content["needs"]
        ],
    }


def _day(written: str | None) -> date | None:
    return date.fromisoformat(written) if written else None
