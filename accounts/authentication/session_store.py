"""Where sessions are kept: in the database; while it takes no writes, sealed in the browser's own cookie.

A session that was open before goes on, the clocks of its end included, and returns to the
database with the first request after. Its row is still looked for at each request: a
session that was ended stays ended.
"""

import base64
from typing import Any, Final

import orjson
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import DatabaseError

from accounts.kernel import read_only
from accounts.kernel.crypto import Unreadable
from accounts.kernel.keyring import seal, unseal

MARK: Final = "sealed."
_PLACE: Final = b"session.cookie"


class SessionStore(DatabaseStore):
    """Django's own store, but for the time of read-only mode. `row_key` is the row that a sealed session came from."""

    row_key: str | None = None

    def load(self) -> dict[str, Any]:
        """Return what the session holds; nothing for a cookie that was altered, or whose row is gone."""
        if not self._is_sealed:
            return super().load()
        try:
            kept = orjson.loads(unseal(base64.urlsafe_b64decode(str(self.session_key)[len(MARK) :]), bound_to=_PLACE))
        except (ValueError, Unreadable):
            kept = None
        if kept is None or (kept["row"] and not super().exists(kept["row"])):
            self._session_key = None
            return {}
        self.row_key = kept["row"]
        held: dict[str, Any] = kept["held"]
        return held

    def save(self, must_create: bool = False) -> None:
        """Write to the database, or seal into the key that the cookie carries."""
        if not read_only.mode():
            try:
                self._save_row(must_create=must_create)
            except DatabaseError as error:
                if not read_only.note_refusal(error):
                    raise
            else:
                return
        self._seal(must_create=must_create)

    def _save_row(self, *, must_create: bool) -> None:
        if self._is_sealed:  # the database takes writes again: back to the row, or to a new one
            held = self._get_session(no_load=must_create)  # type: ignore[attr-defined]  # (Django's own, unknown to the stubs)
            new = self._get_new_session_key  # type: ignore[attr-defined]  # (as below)
            self._session_key, must_create = self.row_key or new(), self.row_key is None
            self._session_cache = held
        super().save(must_create=must_create)

    def _seal(self, *, must_create: bool) -> None:
        held = self._get_session(no_load=must_create)  # type: ignore[attr-defined]  # (as above)
        if not self._is_sealed:
            self.row_key = None if must_create else self.session_key
        sealed = seal(orjson.dumps({"row": self.row_key, "held": held}), bound_to=_PLACE)
        self._session_key = MARK + base64.urlsafe_b64encode(sealed).decode()

    def create(self) -> None:
        """Begin a new session."""
        new = self._get_new_session_key  # type: ignore[attr-defined]  # (Django's own, unknown to the stubs)
        self._session_key = None if read_only.mode() else new()
        self.save(must_create=True)
        self.modified = True

    def exists(self, session_key: str) -> bool:
        """Tell whether a key is taken; sealed ones are never taken twice."""
        return False if session_key.startswith(MARK) else super().exists(session_key)

    def delete(self, session_key: str | None = None) -> None:
        """Remove a session; what only a cookie holds leaves with the cookie."""
        key = session_key or self.session_key
        if key is None or key.startswith(MARK) or read_only.mode():
            return
        super().delete(key)

    @property
    def _is_sealed(self) -> bool:
        return bool(self.session_key and self.session_key.startswith(MARK))
