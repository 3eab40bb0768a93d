"""Each deed on a person either calls for reading her signed plan again, or is left out on purpose, with its reason."""

import ast
from collections.abc import Iterator

from django.apps import apps
from django.conf import settings

from accounts.kernel.models import Aggregate
from ppa.plans.rules import STALE_WHEN

WRITERS = {
    "directive": ("ppa/directives",),
    "designation": ("ppa/trusted_persons", "ppa/acceptances"),
    "anticipated_crisis": ("ppa/crises",),
    "stay": ("pathway/stays", "pathway/admission_talks"),
    "case": ("pathway/cases",),
    "announcement": ("ppa/announcements",),
    "emergency_sheet": ("ppa/emergency_sheets",),
}
"""Where each aggregate that marks a plan is written."""

LEFT_OUT = {
    ("directive", "set_apart"): "recorded in the same breath, which marks",
    ("directive", "inherit"): "only which later document stands above a former one",
    ("directive", "deposit"): "where a copy lies, not what she wants",
    ("designation", "propose"): "nobody is designated yet",
    ("designation", "propose_again"): "nobody is designated yet",
    ("designation", "decline"): "nobody is designated yet",
    ("designation", "prepare"): "nobody counts before both have signed",
    ("designation", "invite"): "nobody counts before both have signed",
    ("designation", "accept"): "her yes is no signature",
    ("designation", "guide"): "a paper handed over",
    ("designation", "overtake"): "an older paper is kept as history: the same person counts",
    ("designation", "last"): "a doubt is lifted: the same person counts",
    ("anticipated_crisis", "take_back"): "as it stood at the signature; what had withdrawn it marks already",
    ("anticipated_crisis", "check_home"): "what is in the house, not what was agreed",
    ("stay", "plan"): "she has not come yet",
    ("stay", "leave"): "a leave within a stay whose admission marks",
    ("stay", "return"): "a leave within a stay whose admission marks",
    ("stay", "finish"): "the admission marks; what the stay changed is told by its own deeds",
    ("stay", "cancel"): "she did not come",
    ("stay", "talk"): "what she answers is told by directives and designations",
    **{
        ("case", deed): "how the coordination goes, not how she is"
        for deed in ("signal", "include", "decline", "assign", "start", "hand_over", "close", "take_back",
                     "plan_next_action")
    },
    **{
        ("emergency_sheet", deed): "no other phase: what it rests on marks by its own deeds"
        for deed in ("write", "sign", "circulate", "mark_stale", "mark_fresh", "withdraw", "resume")
    },
    ("announcement", "propose"): "the proposal of the plan itself",
    ("announcement", "join_announcement"): "the proposal of the plan itself",
}  # fmt: skip

NEVER_MARK = {
    "the plan itself, and what follows from it": {"plan", "plan_proposal", "entrusted_action"},
    "one measure among others: what it leads to is an announcement, a level or a prescription": {"assessment"},
    "held to the physicians of the procedure, and told to the team by what they then write": {"collegial_decision"},
    "settles how to read the documents, which do not change": {"contradiction"},
    "where a place is sought; the admission marks": {"referral", "referral_line", "hold", "opinion", "eri_sp_alert"},
    "a volunteer's visit says nothing of health": {"volunteer_visit"},
    "after her death": {"bereavement_contact", "telling_wish"},
    "who she is and who is round her; the trusted person marks by her designation": {
        "person", "relative", "identity_alert", "identity_merge",
    },
    "access, traces, papers and keeping: nothing of her care": {
        "access_export", "addendum", "break_glass", "care_offer", "directory_import", "document",
        "emergency_access_notice", "erasure_answer", "places", "purge_order", "treating_claim",
    },
}  # fmt: skip


def aggregates() -> dict[str, type[Aggregate]]:
    models = (model for model in apps.get_models() if issubclass(model, Aggregate))
    return {model.AGGREGATE: model for model in models}


def literals(folder: str) -> Iterator[str]:
    """Yield the name of each deed that the commands under a folder write in full."""
    for path in (settings.BASE_DIR / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("act.add", "act.amend"):
                yield from (str(deed.value) for deed in node.args[1:2] if isinstance(deed, ast.Constant))


def deeds_of(kind: str) -> set[str]:
    cycle = getattr(aggregates()[kind], "LIFECYCLE", None)
    known = {*cycle.deeds, *(str(move.action) for move in cycle.moves)} if cycle else set()
    return known | {deed for folder in WRITERS[kind] for deed in literals(folder)}


def test_each_deed_on_what_a_plan_rests_on_marks_it_or_is_left_out_with_its_reason() -> None:
    assert set(WRITERS) == {kind for kind, _ in STALE_WHEN}
    every = {(kind, deed) for kind in WRITERS for deed in deeds_of(kind)}
    assert sorted(every - STALE_WHEN.keys() - LEFT_OUT.keys()) == []
    assert sorted(LEFT_OUT.keys() & STALE_WHEN.keys()) == []
    assert sorted((LEFT_OUT.keys() | STALE_WHEN.keys()) - every) == []
    assert all(LEFT_OUT.values())


def test_each_other_kind_of_record_never_marks_a_plan_for_a_reason() -> None:
    never = [kind for kinds in NEVER_MARK.values() for kind in kinds]
    assert len(never) == len(set(never))
    assert sorted({*never, *WRITERS} ^ aggregates().keys()) == []
