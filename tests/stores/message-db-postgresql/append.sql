-- An append at version 1, and one that begins a stream: the version that each gets.
SELECT message_store.write_message('0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e106', 'account-0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e001+2', 'Opened', '{}', NULL, 1);
SELECT message_store.write_message('0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e107', 'account-2', 'Opened', '{}', '{}', -1);
SELECT stream_name, position, global_position FROM message_store.messages WHERE type = 'Opened' ORDER BY global_position;
