SELECT *, typeof(message_data) FROM emt_messages ORDER BY global_position;
SELECT * FROM emt_streams ORDER BY stream_id, partition, is_archived;
