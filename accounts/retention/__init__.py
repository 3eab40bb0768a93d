"""How long a file is kept, and how it goes: rules as data, legal holds, erasure ordered by two persons."""
