"""The desk of each role, and the page of a person: put together from what the features below show."""
