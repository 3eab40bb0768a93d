#!/usr/bin/env python
"""Django's command line, on the development settings unless told otherwise."""

import os
import sys


def main() -> None:
    """Run one management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pathway.settings.dev")
    if sys.argv[1:2] == ["runworker"]:
        os.environ.setdefault("STATEMENT_SECONDS", "60")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
