sum(incidents)
