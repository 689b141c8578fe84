SELECT * FROM chronicle_events ORDER BY global_version;
