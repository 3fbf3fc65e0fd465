ratio(seconds_to_refund, handled * 3600)
