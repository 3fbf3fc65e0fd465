"""Keep a picture in a real S3 server and read a workbook from it, and say what came of that: run where moto is."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import boto3  # type: ignore[import-not-found]
import httpx
from moto.server import ThreadedMotoServer  # type: ignore[import-not-found]

from jst.airflow.push_parts import public_pictures
from jst.airflow.workbook_source import workbook

PNG = b"\x89PNG of a board"


def main(book: str) -> None:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    keys = {"conn_type": "aws", "login": "key", "password": "of-no-account"}
    extra = {"endpoint_url": url, "region_name": "us-east-1"}
    os.environ["AIRFLOW_CONN_AWS_DEFAULT"] = json.dumps({**keys, "extra": extra})
    os.environ["AIRFLOW_CONN_SHOPS_WORKBOOK"] = json.dumps(
        {"conn_type": "http", "extra": {"url": "s3://aws_default@pictures/shops.xlsx"}}
    )
    store = boto3.client(
        "s3", aws_access_key_id=keys["login"], aws_secret_access_key=keys["password"], **extra
    )  # fmt: skip
    store.create_bucket(Bucket="pictures")
    readable = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::pictures/jst/*",
    }
    store.put_bucket_policy(
        Bucket="pictures", Policy=json.dumps({"Version": "2012-10-17", "Statement": [readable]})
    )  # fmt: skip
    store.put_object(Bucket="pictures", Key="shops.xlsx", Body=Path(book).read_bytes())
    address = public_pictures("s3://aws_default@pictures/jst", f"{url}/pictures/jst")(PNG)
    seen, shops = httpx.get(address, trust_env=False), workbook()
    print(
        json.dumps(
            {"status": seen.status_code, "same": seen.content == PNG, "shops": len(shops.shops if shops else ())}
        )
    )
    server.stop()


if __name__ == "__main__":
    main(sys.argv[1])
