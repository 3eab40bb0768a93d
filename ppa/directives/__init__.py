"""Advance directives: what a person wrote about her care, whether it stands, where it is kept, who may read it."""
