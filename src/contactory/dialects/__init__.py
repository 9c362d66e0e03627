"""Vendors' wire formats: pure codecs. No framework, no database."""
