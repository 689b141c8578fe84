SELECT *, typeof(data) FROM event_store_events ORDER BY id;
SELECT * FROM event_store_events_in_streams ORDER BY id;
