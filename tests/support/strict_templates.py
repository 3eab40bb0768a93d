"""An undefined variable in one of our own templates fails the test; in a library's template it stays silent."""

import sys
from pathlib import Path
from types import FrameType
from typing import Self

from django.template import Origin, Template, engines
from django.template.backends.django import DjangoTemplates
from django.template.base import Node


class UndefinedVariableError(AssertionError):
    """A template of ours shows a variable that its view never gave."""


class Undefined(str):
    """What Django asks to print for an undefined variable: it refuses instead, when the template is under `ours`."""

    __slots__ = ("ours",)
    ours: Path

    def __new__(cls, ours: Path) -> Self:
        """Make the marker; it is not empty, so that Django asks it."""
        marker = super().__new__(cls, "undefined")
        marker.ours = ours
        return marker

    def __contains__(self, text: object) -> bool:
        """Say that a place for the variable's name is there."""
        return text == "%s"

    def __mod__(self, variable: object) -> str:
        """Raise for our templates; print nothing for others."""
        origin = _origin_of(sys._getframe(1))
        if origin and Path(origin.name).is_relative_to(self.ours):
            raise UndefinedVariableError(
                f"{{{{ {variable} }}}} is undefined in {Path(origin.name).relative_to(self.ours)}"
            )
        return ""


def install(ours: Path) -> None:
    """Make every Django template engine refuse undefined variables of the templates under `ours`."""
    for backend in engines.all():
        if isinstance(backend, DjangoTemplates):
            backend.engine.string_if_invalid = Undefined(ours)


def _origin_of(frame: FrameType | None) -> Origin | None:
    """Return where the innermost template being rendered comes from."""
    while frame:
        owner = frame.f_locals.get("self")
        origin = getattr(owner, "origin", None) if isinstance(owner, Node | Template) else None
        if isinstance(origin, Origin):
            return origin
        frame = frame.f_back
    return None
