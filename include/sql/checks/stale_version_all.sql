-- Orders, whenever they were read, whose wide rows are not of the newest version that was cleaned, or lack, or have no order
-- behind them. What was read within an hour may be on its way, and is looked at by stale_version.
${include shared/stale_versions
    module=sale_out
    key=io_id
    cleaned=1
    wide=1
    settled=max(fetched_at) < now() - INTERVAL 1 HOUR
}
UNION ALL
${include shared/stale_versions
    module=after_sale
    key=as_id
    cleaned=1
    wide=1
    settled=max(fetched_at) < now() - INTERVAL 1 HOUR
}
