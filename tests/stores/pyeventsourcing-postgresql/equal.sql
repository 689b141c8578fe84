SELECT notification_id, originator_id, originator_version, topic, state FROM public.stored_events ORDER BY notification_id;
