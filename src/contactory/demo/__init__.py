"""Invented persons and companies in many scripts for demo, benchmark and tests. Standard library only."""
