"""What the tests stand on: servers, runners and checks."""
