"""Sign-in of people (password and second factor), and what they act as."""
