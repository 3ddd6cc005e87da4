"""Work beside the requests: a worker, a schedule, and one small function per job calling one verb."""
