SELECT sumIf(events.value, events.event = 'RejectedInserts') AS value FROM system.events AS events
