"""The one gate: who may do what, on whom, through which door; and the transaction every command runs in."""
