SELECT sumIf(events.value, events.event = 'DelayedInsertsMilliseconds') / 1000 AS value FROM system.events AS events
