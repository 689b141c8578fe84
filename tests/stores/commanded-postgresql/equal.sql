SELECT a.stream_version, e.* FROM stream_events AS a JOIN events AS e USING (event_id) WHERE a.stream_id = 0 ORDER BY a.stream_version;
SELECT s.stream_uuid, m.stream_version, m.event_id, o.stream_uuid, m.original_stream_version
  FROM stream_events AS m JOIN streams AS s USING (stream_id) JOIN streams AS o ON o.stream_id = m.original_stream_id ORDER BY 1, 2;
SELECT stream_uuid, stream_version, created_at, deleted_at FROM streams WHERE stream_id > 0 ORDER BY 1;
SELECT stream_version FROM streams WHERE stream_id = 0;
