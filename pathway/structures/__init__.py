"""Care offers: what each structure does, for whom, where, and how it is reached."""
