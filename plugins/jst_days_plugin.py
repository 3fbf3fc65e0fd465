"""Our schedules, for Airflow to find by their classes.

Apart from ``jst_plugin.py``, which may import nothing of ours: a timetable is needed as the class itself, and what its
module imports every component of Airflow has loaded anyway.
"""

from __future__ import annotations

from airflow.plugins_manager import AirflowPlugin

from jst.airflow.timetables import BusinessDayTimetable, ShiftTimetable


class JstDaysPlugin(AirflowPlugin):
    """Register our schedules under their classes."""

    name = "jst_days"
    timetables = [BusinessDayTimetable, ShiftTimetable]  # noqa: RUF012 -- Airflow's own attribute
