"""The personal care-and-support plan (PPA): what matters to the person, what is done about it, what she agreed to."""
