"""# 实时条码 jst_barcode

## 搬什么
商品条码 → `dws.dws_barcode`。

## 多久算晚
正常几秒可见。

## 变红了：先看什么，再做什么
看红色任务日志的最后几行。

## 能清除吗
随时可以。

## 重跑过去
不需要。
"""

from airflow.sdk import DAG

from jst.airflow.live_feed import live_feed

dag: DAG = live_feed("barcode", doc_md=__doc__)
