# Airflow with this package, as docker-compose.yaml and cluster/helm-values.yaml run it. docs/cluster.md
ARG BASE=python:3.12.12-slim-bookworm
FROM ${BASE} AS airflow
# PICTURES=0 leaves out the browser of the daily push (0.7 GB): it sends its text then
ARG PICTURES=1
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates tini tzdata \
    && if [ "$PICTURES" = 1 ]; then apt-get install -y --no-install-recommends chromium fonts-noto-cjk fontconfig; fi \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 50000 --gid 0 --create-home airflow \
    && python3 -m venv /opt/venv \
    && mkdir -p /opt/airflow/logs /opt/airflow/config \
    && chown -R 50000:0 /opt/airflow
ENV PATH=/opt/venv/bin:$PATH \
    AIRFLOW_HOME=/opt/airflow \
    PYTHONPATH=/opt/airflow/plugins \
    PYTHONUNBUFFERED=1 \
    TZ=Asia/Shanghai
COPY cluster/requirements.txt /tmp/requirements.txt
RUN pip install --no-cache-dir --disable-pip-version-check --requirement /tmp/requirements.txt
COPY cluster/config /opt/airflow/config
COPY cluster/init.sh cluster/admin_account.py cluster/healthy.py /opt/jst/
# side by side: facts and SQL are found beside plugins/
COPY dags /opt/airflow/dags
COPY plugins /opt/airflow/plugins
COPY include /opt/airflow/include
# readable bytecode for every start of every task; the folders stay root's, so no process can change the program
RUN python -m compileall -q /opt/airflow/dags /opt/airflow/plugins
USER 50000:0
WORKDIR /opt/airflow
ENTRYPOINT ["tini", "--"]
CMD ["airflow", "version"]

# The company that exists nowhere, and the comparison of every row with it: profile sandbox
FROM airflow AS sandbox
COPY local /opt/airflow/local
ENV PYTHONPATH=/opt/airflow/plugins:/opt/airflow
CMD ["python", "-m", "local.sandbox", "--help"]

FROM airflow
