SELECT rowid, originator_id, originator_version, topic, typeof(state), hex(state) FROM stored_events ORDER BY rowid;
