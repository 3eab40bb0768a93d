"""Scales and what they tell: noted with their date, scored by pure functions, shown as trends. They advise, nothing more."""
