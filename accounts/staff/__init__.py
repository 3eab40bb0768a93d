"""The people of an organisation: their accounts and functions, the yearly review, and what a function opens."""
