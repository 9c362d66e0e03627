"""Account files: the replies of a vendor's GET calls, imported into an organization or exported from one."""
