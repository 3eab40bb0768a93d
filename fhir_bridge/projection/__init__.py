"""From the domain to the store: an event, the present snapshot, a mapper, a validation, one stored version."""
