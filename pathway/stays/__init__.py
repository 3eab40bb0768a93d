"""Stays: who is where, from an admission to a discharge; and what a death stops."""
