"""How long an account stays locked for an address: longer each time."""

from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from django.db.models import Max, Sum

from accounts.authentication.rules import lock_after
from accounts.kernel.clock import now


class DoublingHandler(AxesDatabaseHandler):  # type: ignore[misc]  # (axes is untyped)
    """Counts failures as axes does; a lock ends by itself, and the next failure doubles it."""

    def is_locked(self, request: Any, credentials: dict[str, Any] | None = None) -> bool:
        """Tell whether the last failure of an account from this address is still too recent."""
        for attempts in self.get_user_attempts(request, credentials):
            told = attempts.aggregate(failures=Sum("failures_since_start"), last=Max("attempt_time"))
            if told["last"] is not None and now() < told["last"] + lock_after(told["failures"]):
                return True
        return False
