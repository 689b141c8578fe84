SELECT global_position, position, time, stream_name, type, data, metadata, id FROM message_store.messages ORDER BY global_position;
