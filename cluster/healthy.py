"""Whether this container works: ``healthy.py SchedulerJob``, its heart beats, or ``healthy.py URL``, it answers.

Standard library and psycopg2: Airflow's own command imports all of Airflow, 5 seconds of one core every time.
"""

from __future__ import annotations

import os
import socket
import sys
import urllib.error
import urllib.request

FRESH_SECONDS = 60
BEATS = """SELECT EXISTS (SELECT FROM job WHERE job_type = %s AND hostname = %s AND state = 'running'
           AND latest_heartbeat > clock_timestamp() - make_interval(secs => %s))"""


def beats(job_type: str) -> bool:
    """Ask Airflow's database for the heartbeat of this host."""
    import psycopg2

    dsn = os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].replace("+psycopg2", "")
    with psycopg2.connect(dsn, connect_timeout=5) as connection, connection.cursor() as cursor:
        cursor.execute(BEATS, (job_type, socket.gethostname(), FRESH_SECONDS))
        return bool(cursor.fetchone()[0])


def answers(url: str) -> bool:
    """Ask for a page; one that is refused was answered, too."""
    try:
        urllib.request.urlopen(url, timeout=5).close()
    except urllib.error.HTTPError as refused:
        return refused.code < 500
    return True


if __name__ == "__main__":
    what = sys.argv[1]
    sys.exit(0 if (answers(what) if "://" in what else beats(what)) else 1)
