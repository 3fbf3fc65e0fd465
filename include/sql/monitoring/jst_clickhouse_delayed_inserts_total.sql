SELECT sumIf(events.value, events.event = 'DelayedInserts') AS value FROM system.events AS events
