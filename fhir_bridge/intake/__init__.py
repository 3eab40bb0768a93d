"""From a partner's resources to the same commands that a web form calls, in one transaction."""
