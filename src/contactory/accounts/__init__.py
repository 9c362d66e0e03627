"""Accounts that move: files of a vendor's answers read into an organization, and written of one."""
