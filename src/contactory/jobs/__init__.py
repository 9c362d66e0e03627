"""Background work: workers that run accepted jobs, in any number of processes."""
