"""Places: what a structure declares, how old the figure is, and which places are held for a request."""
