"""Papers to fill in or to sign: headed sections, lines to write on, boxes for signatures."""
