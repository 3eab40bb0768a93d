"""Passwords that are handed over once, to be changed by their holder."""

import base64
import secrets

GROUPS, GROUP = 5, 4


def first_password() -> str:
    """Return a new random password that can be read aloud: five groups of four letters or digits."""
    return grouped(secrets.token_bytes(16))


def grouped(seed: bytes) -> str:
    """Return a password made of bytes (at least thirteen)."""
    text = base64.b32encode(seed).decode().lower()
    return "-".join(text[start : start + GROUP] for start in range(0, GROUPS * GROUP, GROUP))
