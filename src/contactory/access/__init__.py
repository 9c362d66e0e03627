"""Authentication of callers, and the hashing and encryption of secrets."""
