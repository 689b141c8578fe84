SELECT seq, id, version, reason, type, timestamp, typeof(data), hex(data), typeof(metadata), hex(metadata) FROM events ORDER BY seq;
