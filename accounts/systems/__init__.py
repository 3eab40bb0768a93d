"""Systems that sign in by their own key (SMART Backend Services): their life, their tokens and what these open."""
