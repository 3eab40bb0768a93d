"""The trusted person: proposed, designated in writing, active once both have signed, revocable at any moment."""
