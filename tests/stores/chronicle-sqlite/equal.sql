SELECT global_version, log_id, version, event_name, typeof(data), hex(data) FROM chronicle_events ORDER BY global_version;
