"""Kill task processes and servers with -9 at the worst moments, then compare everything, in both dialects."""
