"""Actions of a plan that are given to another structure: it sees the minimum set, takes the action, tells what became of it."""
