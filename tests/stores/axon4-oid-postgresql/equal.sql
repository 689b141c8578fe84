SELECT global_index, aggregate_identifier, sequence_number, type, event_identifier, payload_type, payload_revision, time_stamp, lo_get(meta_data), lo_get(payload) FROM domain_event_entry ORDER BY global_index;
SELECT count(*) FROM pg_largeobject_metadata;
