"""Makes what a test needs, through the commands that the application uses."""
