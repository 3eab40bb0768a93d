"""The proof: one row a decision, hash-chained, append-only, verifiable by anyone with the database."""
