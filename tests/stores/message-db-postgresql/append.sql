-- An append at version 2, and one that begins a stream: the version that each gets; what a stream, a category, and a
-- consumer of what is correlated with a category are given.
SET search_path = message_store, public;
SELECT write_message('0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e106', 'order-7c9e6679-7425-40de-944b-0000000000a0', 'Opened', '{}', NULL, 2);
SELECT write_message('0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e107', 'account-2', 'Opened', '{}', '{}', -1);
SELECT position, global_position, type FROM get_stream_messages('order-7c9e6679-7425-40de-944b-0000000000a0', 1);
SELECT stream_name, position, global_position FROM get_category_messages('order', 2);
SELECT stream_name, position, global_position FROM get_category_messages('order', 1, 10, 'käufer');
SELECT stream_name, position, global_position FROM get_category_messages('account');
