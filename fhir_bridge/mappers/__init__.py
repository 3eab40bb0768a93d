"""Records to resources and back, one module per resource: pure, without Django and without a query."""
