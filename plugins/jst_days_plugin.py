"""The schedule of business days, for Airflow to find by its class.

Apart from ``jst_plugin.py``, which may import nothing of ours: a timetable is needed as the class itself, and what its
module imports every component of Airflow has loaded anyway.
"""

from __future__ import annotations

from airflow.plugins_manager import AirflowPlugin

from jst.airflow.timetables import BusinessDayTimetable


class JstDaysPlugin(AirflowPlugin):
    """Register the schedule of business days under its class."""

    name = "jst_days"
    timetables = [BusinessDayTimetable]  # noqa: RUF012 -- Airflow's own attribute
