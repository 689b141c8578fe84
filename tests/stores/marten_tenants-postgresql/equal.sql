SELECT seq_id, id, stream_id, version, data, bdata, type, timestamp AT TIME ZONE 'UTC', tenant_id, mt_dotnet_type, correlation_id, causation_id, headers, user_name, is_skipped, is_archived
  FROM public.mt_events ORDER BY seq_id;
SELECT id, type, version, timestamp AT TIME ZONE 'UTC', created AT TIME ZONE 'UTC', tenant_id, is_archived FROM public.mt_streams ORDER BY id, tenant_id;
SELECT last_seq_id FROM public.mt_event_progression WHERE name = 'HighWaterMark';
