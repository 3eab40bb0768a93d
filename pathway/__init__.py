"""Where the person goes, who answers, what happened; and the project shell."""
