SELECT global_index, aggregate_identifier, sequence_number, type, event_identifier, payload_type, payload_revision, time_stamp, meta_data, payload FROM domain_event_entry ORDER BY global_index;
