"""Break-glass: a person found exactly, opened in an emergency for four hours, told to her, reviewed by somebody else."""
