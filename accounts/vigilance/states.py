"""Where a merge of two records stands."""

from enum import StrEnum

from accounts.kernel.states import Lifecycle, moves


class MergeState(StrEnum):
    """Whether two records are one now."""

    JOINED = "joined"
    PARTED = "parted"


class MergeAction(StrEnum):
    """What moves a merge."""

    PART = "part"


MERGE = Lifecycle(
    name="identity_merge",
    initial=MergeState.JOINED,
    labels={MergeState.JOINED: "Dossiers réunis", MergeState.PARTED: "Dossiers séparés de nouveau"},
    moves=(
        moves(
            MergeAction.PART,
            [MergeState.JOINED],
            MergeState.PARTED,
            "Les deux dossiers réunis ont été séparés : c’étaient deux personnes",
            "Séparer les deux dossiers",
        ),
    ),
    deeds={
        "join": "Deux dossiers de la personne ont été réunis",
        "follow": "",
        "note_read": "Les documents venus des deux dossiers ont été relus",
    },
)
