"""Invented persons and companies in many scripts, to try the service with. Standard library only."""
