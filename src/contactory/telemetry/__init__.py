"""What whoever runs the service can see of it: logs, metrics and traces. None of them has personal data."""
