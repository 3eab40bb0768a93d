"""Sign-in of people (password and second factor) and of systems (SMART Backend Services), and what they act as."""
