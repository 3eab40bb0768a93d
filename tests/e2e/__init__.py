"""Journeys in a real browser, on a fresh installation."""
