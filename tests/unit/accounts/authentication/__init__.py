"""Sign-in of people and of systems."""
