ratio(quality_issues, after_sales)
