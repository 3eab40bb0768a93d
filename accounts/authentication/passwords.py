"""Passwords: those that are handed over once, to be changed by their holder, and what one may choose."""

import base64
import re
import secrets
from typing import Any

from django.core.exceptions import ValidationError

from accounts.people.rules import fold

GROUPS, GROUP = 5, 4
LONGEST = 128
LEFT_OVER = 8
FEWEST_CHARACTERS = 6
CONTEXT_WORDS = (
    "coordination", "palliatif", "palliative", "palliatifs", "soins", "sante", "hopital", "clinique", "medecin",
    "infirmier", "infirmiere", "patient", "ppa", "dac", "ehpad", "samu", "bonjour", "password", "motdepasse", "azerty",
    "qwerty", "azertyuiop", "qsdfghjklm", "123456789", "0123456789", "123456", "1234",
)  # fmt: skip


def first_password() -> str:
    """Return a new random password that can be read aloud: five groups of four letters or digits."""
    return grouped(secrets.token_bytes(16))


def grouped(seed: bytes) -> str:
    """Return a password made of bytes (at least thirteen)."""
    text = base64.b32encode(seed).decode().lower()
    return "-".join(text[start : start + GROUP] for start in range(0, GROUPS * GROUP, GROUP))


class OwnWordsValidator:
    """At most 128 characters; enough must remain once the words that everybody here would try are taken away."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise `ValidationError`, in one sentence that says what to change."""
        if len(password) > LONGEST:
            raise ValidationError(f"Ce mot de passe dépasse {LONGEST} caractères. Raccourcissez-le.", code="too-long")
        plain = fold(password)
        if len(set(plain)) < FEWEST_CHARACTERS:
            raise ValidationError("Ce mot de passe répète trop peu de caractères différents.", code="repeated")
        for word in sorted({*CONTEXT_WORDS, *_own_words(user)}, key=len, reverse=True):
            plain = plain.replace(word, "")
        if len(plain) < LEFT_OVER:
            raise ValidationError(
                "Ce mot de passe tient surtout en mots que chacun essaierait ici (votre nom, le métier, une suite de touches). Choisissez une phrase à vous.",
                code="own-words",
            )

    def get_help_text(self) -> str:
        """Return the rule in one sentence."""
        return "Une phrase à vous, sans votre nom ni les mots du métier."


def _own_words(user: Any) -> set[str]:
    who = getattr(user, "professional", None)
    told = [getattr(user, "username", ""), *([who.family, who.given] if who else [])]
    return {fold(word) for text in told for word in re.findall(r"\w{3,}", text)}
