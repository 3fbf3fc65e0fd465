"""The generated pages of ``docs/`` and the DAG tables of the READMEs: ``make docs`` writes, tests compare."""
