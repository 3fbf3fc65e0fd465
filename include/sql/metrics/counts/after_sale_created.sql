uniqExact(as_id) AS after_sales,
uniqExactIf(as_id, is_quality) AS quality_issues
