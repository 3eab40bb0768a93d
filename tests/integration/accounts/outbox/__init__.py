"""The outbox and its workers."""
