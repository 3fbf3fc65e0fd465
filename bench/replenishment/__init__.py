"""Follow the replenishment plan through 90 days of the sandbox's demand, beside the ERP's minimum and maximum."""
