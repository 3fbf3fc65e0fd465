-- Disks of ClickHouse that are nearly full: less than a tenth and less than 20 GB are left.
SELECT concat(name, ' ', path, ' 只剩 ', formatReadableSize(free_space), '，', toString(round(100 * free_space / total_space)), '%') AS what
FROM system.disks
WHERE free_space * 10 < total_space AND free_space < 20000000000
