"""Life cycles: what the table says is what may happen."""

from enum import StrEnum

import pytest

from accounts.kernel.errors import TransitionRefused
from accounts.kernel.states import Lifecycle, moves


class Light(StrEnum):
    RED = "red"
    GREEN = "green"
    OFF = "off"


class Do(StrEnum):
    GO = "go"
    STOP = "stop"
    SWITCH_OFF = "switch_off"


TABLE = Lifecycle(
    name="light",
    initial=Light.RED,
    labels={Light.RED: "au rouge", Light.GREEN: "au vert", Light.OFF: "éteint"},
    moves=(
        moves(Do.GO, [Light.RED], Light.GREEN, deed="Passé au vert", label="Passer au vert"),
        moves(Do.STOP, [Light.GREEN], Light.RED, deed="Passé au rouge"),
        moves(Do.SWITCH_OFF, [Light.RED, Light.GREEN], Light.OFF),
    ),
    deeds={"install": "Installé"},
)


def test_a_move_of_the_table_gives_its_target():
    assert TABLE.target(Do.GO, "red") == Light.GREEN
    assert TABLE.may(Do.SWITCH_OFF, "green")


def test_a_move_outside_the_table_is_refused_in_french():
    with pytest.raises(TransitionRefused) as refusal:
        TABLE.target(Do.GO, "green")
    assert "« au vert »" in refusal.value.message


def test_buttons_terminals_and_timeline_words_come_from_the_table():
    assert [move.action for move in TABLE.moves_from("green")] == [Do.STOP, Do.SWITCH_OFF]
    assert TABLE.is_terminal("off")
    assert not TABLE.is_terminal("red")
    assert (TABLE.deed("go"), TABLE.deed("install"), TABLE.deed("switch_off")) == ("Passé au vert", "Installé", "")
    assert "red --> green: go" in TABLE.diagram()
