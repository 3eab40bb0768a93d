"""One-time access for a named professional without an account: a link, a code told apart, the essential of one file."""
