"""Forms of the plan, each making the input of one command."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms

from accounts.kernel.clock import day_of, today
from accounts.kernel.form_fields import day, line
from accounts.kernel.http import RecordForm
from ppa.plans.outline import offered
from ppa.plans.records import (
    AbandonRevision,
    AddAction,
    AddGoal,
    AddNeed,
    ClosePlan,
    ConfirmPlan,
    FirstAction,
    FollowAction,
    FollowGoal,
    ForgetDraft,
    HandOut,
    KeepDraft,
    OpenPlan,
    RecordAgreement,
    RecordConversation,
    RecordDeposit,
    RecordPlace,
    RefusePublication,
    RevisePlan,
    RewordGoal,
    RewordNeed,
    SetNeedAside,
    SetReview,
    SetTopicPace,
    SharePlan,
    SignVersion,
    StartNeed,
    TakeAgreementBack,
    TakeNeedUp,
    UpdateAction,
    VersionCard,
    WriteTopic,
)
from ppa.plans.states import (
    ACTION_LABELS,
    CLOSING_LABELS,
    CONVERSATION,
    GOAL_LABELS,
    MEANS_LABELS,
    MOMENT_LABELS,
    NEED,
    PACE_LABELS,
    PLACE_LABELS,
    WORDS_LABELS,
    ActionStatus,
    AgreementMeans,
    ClosingReason,
    GoalStatus,
    Pace,
    Place,
    PlaceMoment,
    Words,
)

MOST_CHARACTERS = 100_000


def _text(rows: int, **options: Any) -> forms.CharField:
    return forms.CharField(widget=forms.Textarea(attrs={"rows": rows}), max_length=MOST_CHARACTERS, **options)


def _who(**options: Any) -> forms.CharField:
    return line("Par qui", help_text="Un professionnel, un service, un proche.", **options)


def _models() -> list[tuple[str, str]]:
    return [("", "Selon l’âge de la personne"), *((one.version, one.title) for one in offered())]


class PlanForm(RecordForm):
    """A form about something inside a plan; `target` is what it acts on (plan, need, goal, action)."""

    def __init__(self, *args: Any, target: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.target = target


class DraftForm(PlanForm):
    """What stands in another form of the plan while somebody types in it; `target` is the person, `code` says which form."""

    def __init__(self, *args: Any, code: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.code = code
        for name, field in FORMS.get(code, TopicForm).base_fields.items():
            if not field.widget.is_hidden:
                self.fields[name] = forms.CharField(max_length=MOST_CHARACTERS, required=False, strip=False)

    def to_record(self) -> KeepDraft:
        """Return what is to be kept."""
        given = self.cleaned_data
        hidden = ("form_token", "version")
        return KeepDraft(
            person_id=self.target,
            code=self.code,
            content={name: given[name] for name in self.fields if name not in hidden},
            started_from=given["version"] or 0,
            form_token=given["form_token"],
        )


class ForgetForm(PlanForm):
    """The author lets go of what he had begun; `target` is the person."""

    def __init__(self, *args: Any, code: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.code = code

    def to_record(self) -> ForgetDraft:
        """Return what to let go of."""
        return ForgetDraft(person_id=self.target, code=self.code)


class OpenForm(PlanForm):
    """A plan begins; `target` is the person."""

    outline = forms.ChoiceField(label="Modèle du plan", required=False, choices=_models)

    def to_record(self) -> OpenPlan:
        """Return the plan to open."""
        return OpenPlan(person_id=self.target, outline=self.cleaned_data["outline"])


class TopicForm(PlanForm):
    """What is written on one topic."""

    text = _text(12, label="Ce qui a été dit", required=False)

    def __init__(self, *args: Any, code: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.code = code

    def to_record(self) -> WriteTopic:
        """Return the text, with the version it was written on."""
        given = self.cleaned_data
        return WriteTopic(plan_id=self.target, code=self.code, text=given["text"], version=given["version"] or 0)


class PaceForm(PlanForm):
    """How far the person wishes to go on one topic."""

    pace = forms.ChoiceField(
        label="Ce que la personne souhaite", choices=list(PACE_LABELS.items()), widget=forms.RadioSelect
    )
    with_whom = forms.CharField(label="Avec qui", required=False, max_length=200, help_text="Par exemple : sa fille.")
    offered_on = day("Thème proposé le", initial=today)
    come_back_on = day(
        "À reproposer à partir du",
        required=False,
        help_text="Pour « pas maintenant ». Le rappel est pour vous, jamais pour elle.",
    )

    def __init__(self, *args: Any, code: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.code = code

    def to_record(self) -> SetTopicPace:
        """Return the offer and its answer."""
        given = self.cleaned_data
        pace = Pace(given["pace"])
        return SetTopicPace(
            plan_id=self.target,
            code=self.code,
            pace=pace,
            offered_on=given["offered_on"],
            with_whom=given["with_whom"] if pace == Pace.WITH_SOMEONE else "",
            come_back_on=given["come_back_on"] if pace == Pace.NOT_NOW else None,
        )


class NeedForm(PlanForm):
    """A need with its first goal and, when already known, its first action."""

    need = _text(2, label="Le besoin")
    goal = _text(2, label="Ce qui est espéré", help_text="Si possible avec les mots de la personne.")
    words = forms.ChoiceField(label="Ce sont", choices=list(WORDS_LABELS.items()), initial=Words.PERSON)
    speaker = forms.CharField(
        label="Qui parle",
        required=False,
        max_length=200,
        help_text="Seulement si ce ne sont pas les mots de la personne.",
    )
    what = _text(2, label="Ce qui sera fait", required=False)
    who = _who()
    due_on = day("Pour quand", required=False)

    def clean(self) -> dict[str, Any]:
        """Ask who does what is planned, and what the one named does."""
        given: dict[str, Any] = self.cleaned_data
        if bool(given.get("what")) != bool(given.get("who")):
            missing = "who" if given.get("what") else "what"
            self.add_error(missing, "Indiquez ce qui sera fait et par qui, ou laissez les deux vides.")
        return given

    def to_record(self) -> StartNeed:
        """Return the need and what comes with it."""
        given = self.cleaned_data
        words = Words(given["words"])
        return StartNeed(
            need=AddNeed(plan_id=self.target, text=given["need"]),
            goal=given["goal"],
            words=words,
            speaker="" if words == Words.PERSON else given["speaker"],
            action=FirstAction(what=given["what"], who=given["who"], due_on=given["due_on"]) if given["what"] else None,
        )


class GoalForm(PlanForm):
    """A further goal; `target` is the need."""

    goal = _text(3, label="Ce qui est espéré", help_text="Si possible avec les mots de la personne.")
    words = forms.ChoiceField(label="Ce sont", choices=list(WORDS_LABELS.items()), initial=Words.PERSON)
    speaker = forms.CharField(label="Qui parle", required=False, max_length=200)

    def to_record(self) -> Any:
        """Return the goal."""
        return AddGoal(need_id=self.target, **self.worded())

    def worded(self) -> dict[str, Any]:
        """Return what is hoped for, whose words these are and who speaks; nobody is named for the person herself."""
        given = self.cleaned_data
        words = Words(given["words"])
        speaker = "" if words == Words.PERSON else given["speaker"]
        return {"text": given["goal"], "words": words, "speaker": speaker}


class RewordGoalForm(GoalForm):
    """Another wording of a goal; `target` is the goal."""

    def to_record(self) -> RewordGoal:
        """Return the new wording."""
        return RewordGoal(goal_id=self.target, version=self.cleaned_data["version"], **self.worded())


class FollowGoalForm(PlanForm):
    """Where a goal stands; `target` is the goal."""

    status = forms.ChoiceField(label="Où en est-on ?", choices=list(GOAL_LABELS.items()), widget=forms.RadioSelect)
    settled_on = day("Atteint ou abandonné le", required=False, help_text="Inutile pour un objectif en cours.")
    outcome = _text(3, label="Ce que cela a donné", required=False)

    def to_record(self) -> FollowGoal:
        """Return where it stands."""
        given = self.cleaned_data
        return FollowGoal(
            goal_id=self.target,
            version=given["version"],
            status=GoalStatus(given["status"]),
            settled_on=given["settled_on"],
            outcome=given["outcome"],
        )


class RewordNeedForm(PlanForm):
    """Another wording of a need; `target` is the need."""

    need = _text(2, label="Le besoin")

    def to_record(self) -> RewordNeed:
        """Return the new wording."""
        given = self.cleaned_data
        return RewordNeed(need_id=self.target, version=given["version"], text=given["need"])


class AsideForm(PlanForm):
    """A need leaves the plan; `target` is the need."""

    def to_record(self) -> SetNeedAside:
        """Return the need to set aside."""
        return SetNeedAside(need_id=self.target, version=self.cleaned_data["version"])


class TakeUpForm(PlanForm):
    """A need that was set aside comes back; `target` is the need."""

    def to_record(self) -> TakeNeedUp:
        """Return the need to take up."""
        return TakeNeedUp(need_id=self.target, version=self.cleaned_data["version"])


class ActionForm(PlanForm):
    """A further action; `target` is the goal."""

    what = _text(3, label="Ce qui sera fait")
    who = _who(required=True)
    due_on = day("Pour quand", required=False)

    def to_record(self) -> AddAction:
        """Return the action."""
        given = self.cleaned_data
        return AddAction(goal_id=self.target, what=given["what"], who=given["who"], due_on=given["due_on"])


class RewordForm(PlanForm):
    """Another wording of an action; `target` is the action."""

    what = _text(3, label="Ce qui sera fait")
    who = _who(required=True)
    due_on = day("Pour quand", required=False)

    def to_record(self) -> UpdateAction:
        """Return the new wording."""
        given = self.cleaned_data
        return UpdateAction(
            action_id=self.target,
            version=given["version"],
            what=given["what"],
            who=given["who"],
            due_on=given["due_on"],
        )


class FollowForm(PlanForm):
    """How an action goes; `target` is the action."""

    status = forms.ChoiceField(label="Où en est-on ?", choices=list(ACTION_LABELS.items()), widget=forms.RadioSelect)
    outcome = _text(3, label="Ce que cela a donné", required=False)

    def to_record(self) -> FollowAction:
        """Return how it goes."""
        given = self.cleaned_data
        return FollowAction(
            action_id=self.target,
            version=given["version"],
            status=ActionStatus(given["status"]),
            outcome=given["outcome"],
        )


class ShareForm(PlanForm):
    """The draft was read with the person."""

    def to_record(self) -> SharePlan:
        """Return the sharing."""
        return SharePlan(plan_id=self.target, version=self.cleaned_data["version"])


class AgreementForm(PlanForm):
    """The person's agreement."""

    given_on = day("Date de l’accord", initial=today)
    means = forms.ChoiceField(
        label="Comment la personne a donné son accord",
        choices=list(MEANS_LABELS.items()),
        widget=forms.RadioSelect,
        initial=AgreementMeans.SIGNATURE,
    )
    witness = forms.CharField(
        label="Témoin, ou personne qui a aidé",
        required=False,
        max_length=200,
        help_text="Nécessaire sauf quand la personne a signé elle-même.",
    )

    def to_record(self) -> RecordAgreement:
        """Return the agreement."""
        given = self.cleaned_data
        return RecordAgreement(
            plan_id=self.target,
            version=given["version"],
            given_on=given["given_on"],
            means=AgreementMeans(given["means"]),
            witness=given["witness"],
        )


class TakeAgreementBackForm(PlanForm):
    """The person goes back on her agreement."""

    told_on = day("Le jour où elle l’a dit", initial=today)
    said = _text(3, label="Ce qu’elle a dit, ou la raison", help_text="Avec ses mots si possible. Une phrase suffit.")

    def to_record(self) -> TakeAgreementBack:
        """Return what she said."""
        given = self.cleaned_data
        return TakeAgreementBack(
            plan_id=self.target, version=given["version"], told_on=given["told_on"], said=given["said"]
        )


class SignForm(PlanForm):
    """The physician's signature."""

    def to_record(self) -> SignVersion:
        """Return the signature."""
        return SignVersion(plan_id=self.target, version=self.cleaned_data["version"])


class ReviseForm(PlanForm):
    """A signed plan is taken up again."""

    def to_record(self) -> RevisePlan:
        """Return the revision."""
        return RevisePlan(plan_id=self.target, version=self.cleaned_data["version"])


class AbandonForm(PlanForm):
    """A revision is written no more."""

    words = _text(3, label="Pourquoi", help_text="En quelques mots : commencée par erreur, plus souhaitée…")

    def to_record(self) -> AbandonRevision:
        """Return the end of the revision."""
        given = self.cleaned_data
        return AbandonRevision(plan_id=self.target, version=given["version"], words=given["words"])


class CloseForm(PlanForm):
    """The plan comes to its end."""

    reason = forms.ChoiceField(label="Pourquoi", choices=list(CLOSING_LABELS.items()), widget=forms.RadioSelect)

    def to_record(self) -> ClosePlan:
        """Return the closing."""
        given = self.cleaned_data
        return ClosePlan(plan_id=self.target, version=given["version"], reason=ClosingReason(given["reason"]))


class ConversationForm(PlanForm):
    """One conversation with the person."""

    held_on = day("Date", initial=today)
    present = line("Qui était là", help_text="La personne, ses proches, les professionnels.")
    said = _text(8, label="Ce qui a été dit", help_text="Avec ses propres mots, si possible.")
    how_far = _text(
        2, label="Jusqu’où elle souhaite aller", required=False, help_text="Ce dont elle ne veut pas parler aussi."
    )

    def to_record(self) -> RecordConversation:
        """Return the conversation."""
        given = self.cleaned_data
        return RecordConversation(
            plan_id=self.target,
            held_on=given["held_on"],
            present=given["present"],
            said=given["said"],
            how_far=given["how_far"],
        )


class PlaceForm(PlanForm):
    """Where the person wishes to be."""

    moment = forms.ChoiceField(
        label="De quoi parle-t-elle ?", choices=list(MOMENT_LABELS.items()), widget=forms.RadioSelect
    )
    place = forms.ChoiceField(label="Son souhait", choices=list(PLACE_LABELS.items()))
    words = _text(2, label="Avec ses mots", required=False)
    told_on = day("Dit le", initial=today)

    def to_record(self) -> RecordPlace:
        """Return the wish."""
        given = self.cleaned_data
        return RecordPlace(
            plan_id=self.target,
            moment=PlaceMoment(given["moment"]),
            place=Place(given["place"]),
            told_on=given["told_on"],
            words=given["words"],
        )


class DepositForm(PlanForm):
    """A deposit that was made by hand."""

    place = line(
        "Où le plan a été déposé",
        required=True,
        help_text="Mon espace santé, dossier de l’établissement, autre dossier.",
    )
    who = line("Par qui", required=True, help_text="Le nom de la personne qui l’a déposé elle-même.")
    done_on = day("Le", initial=today)

    def to_record(self) -> RecordDeposit:
        """Return the deposit."""
        given = self.cleaned_data
        return RecordDeposit(
            plan_id=self.target,
            version=given["version"],
            place=given["place"],
            who=given["who"],
            done_on=given["done_on"],
        )


class RefusalForm(PlanForm):
    """The person does not wish a deposit."""

    told_on = day("Dit le", initial=today)
    reason = _text(2, label="Ce qu’elle en dit", required=False, help_text="Rien ne l’oblige à donner une raison.")

    def to_record(self) -> RefusePublication:
        """Return the refusal."""
        given = self.cleaned_data
        return RefusePublication(
            plan_id=self.target, version=given["version"], told_on=given["told_on"], reason=given["reason"]
        )


class HandOutForm(PlanForm):
    """A paper that was given."""

    holder = line(
        "À qui le papier est remis",
        required=True,
        help_text="La personne, un proche, un soignant, une enveloppe au domicile.",
    )
    given_on = day("Le", initial=today)

    def to_record(self) -> HandOut:
        """Return who holds the paper."""
        given = self.cleaned_data
        return HandOut(
            plan_id=self.target, version=given["version"], holder=given["holder"], given_on=given["given_on"]
        )


class ReviewForm(PlanForm):
    """The day of the next review."""

    review_on = day("Relire le plan avant le")

    def to_record(self) -> SetReview:
        """Return the day."""
        given = self.cleaned_data
        return SetReview(plan_id=self.target, version=given["version"], review_on=given["review_on"])


class ConfirmForm(PlanForm):
    """What is in force was read again and nothing changes."""

    words = _text(
        3, label="Ce qui a été dit", required=False, help_text="Avec qui le plan a été relu, ce qu’elle en dit."
    )
    review_on = day("Le relire de nouveau avant le", required=False)

    def to_record(self) -> ConfirmPlan:
        """Return the reading."""
        given = self.cleaned_data
        return ConfirmPlan(
            plan_id=self.target, version=given["version"], words=given["words"], review_on=given["review_on"]
        )


class CompareForm(forms.Form):
    """Which two signed versions to lay side by side, asked by a page that only reads."""

    def __init__(self, *args: Any, cards: Sequence[VersionCard], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(card.id), _version_named(card)) for card in cards]
        self.fields["before"] = forms.ChoiceField(label="Une version", choices=choices, initial=choices[1][0])
        self.fields["after"] = forms.ChoiceField(label="Une autre", choices=choices, initial=choices[0][0])

    def clean(self) -> dict[str, Any]:
        """Refuse one version beside itself."""
        given = self.cleaned_data
        if given.get("before") and given.get("before") == given.get("after"):
            self.add_error("after", "Choisissez deux versions différentes.")
        return given


def _version_named(card: VersionCard) -> str:
    ended = f", plan clos : {card.closed_label.lower()}" if card.closed_for else ""
    return f"Version {card.number} du {day_of(card.signed_at):%d/%m/%Y}{ended}"


FORMS: Mapping[str, type[PlanForm]] = {CONVERSATION: ConversationForm, NEED: NeedForm}
"""The forms, beside those of the topics, whose words are kept while they are typed."""
