"""Logs, metrics and traces for operators. None of them contains personal data."""
