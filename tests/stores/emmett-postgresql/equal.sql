SELECT global_position, stream_id, stream_position, message_id, message_type, message_kind, created AT TIME ZONE 'UTC', partition, message_schema_version, is_archived, message_data, message_metadata
  FROM public.emt_messages ORDER BY global_position;
SELECT stream_id, partition, is_archived, stream_position, stream_type, stream_metadata FROM public.emt_streams ORDER BY stream_id, partition, is_archived;
