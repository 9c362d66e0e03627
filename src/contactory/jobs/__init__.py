"""Background work: jobs that were accepted, done by workers in any number of processes."""
