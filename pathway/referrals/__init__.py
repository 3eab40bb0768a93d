"""Requests: one person, one need, several structures asked in parallel, and what each of them answers."""
