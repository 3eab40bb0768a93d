"""The persons who are cared for, their identity and its standing, and the people round them."""
