SELECT global_index, aggregate_type, aggregate_identifier, aggregate_sequence_number, type, version, timestamp, identifier, lo_get(metadata), lo_get(payload)
  FROM aggregate_event_entry ORDER BY global_index;
SELECT count(*) FROM pg_largeobject_metadata;
