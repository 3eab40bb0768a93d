"""Events stored with the change that made them, and the work that each consumer still has to do on them."""
