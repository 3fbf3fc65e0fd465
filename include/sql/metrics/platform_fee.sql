sum(platform_fee)
