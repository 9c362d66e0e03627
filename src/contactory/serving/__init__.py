"""How the requests of a service share its processes, its memory and its database: see README.md."""
