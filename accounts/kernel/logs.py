"""Logs without anybody's name: JSON lines made of allow-listed keys, never of values that a person typed."""

import json
import logging
import traceback
from datetime import UTC, datetime

ALLOWED = (
    "correlation_id",
    "command",
    "consumer",
    "event_type",
    "error_code",
    "status",
    "milliseconds",
    "count",
    "job",
)


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, the message template (arguments left out) and allowed extras.

    An exception is told by its type and its frames: its text may hold a value.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": str(record.msg),
        }
        line |= {key: str(getattr(record, key)) for key in ALLOWED if hasattr(record, key)}
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            line["frames"] = [f"{f.filename}:{f.lineno}" for f in traceback.extract_tb(record.exc_info[2])][-12:]
        return json.dumps(line)


def json_formatter() -> JsonFormatter:
    """Return the formatter, for the logging settings."""
    return JsonFormatter()
