"""An audit that takes no row, until the transaction of the test is taken back."""

from django.db import connection

from tests.support.roles import as_owner


def break_the_audit() -> None:
    """Let the audit table refuse each row, as a full disk would."""
    if connection.vendor == "sqlite":
        as_owner("CREATE TRIGGER full BEFORE INSERT ON accounts_auditrow BEGIN SELECT RAISE(ABORT, 'full'); END")
    else:
        as_owner("CREATE TRIGGER full_disk BEFORE INSERT ON accounts_auditrow EXECUTE FUNCTION refuse_change()")
