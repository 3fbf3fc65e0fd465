"""Kill every kind of process with -9, one after the other, and time the recovery; or --worst-moments."""
