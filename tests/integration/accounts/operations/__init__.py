"""The technical administrator's desk."""
