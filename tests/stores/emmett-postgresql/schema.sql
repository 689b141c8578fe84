CREATE TABLE public.emt_streams (
  stream_id text NOT NULL,
  stream_position bigint NOT NULL,
  partition text NOT NULL DEFAULT 'emt:default',
  stream_type text NOT NULL,
  stream_metadata jsonb NOT NULL,
  is_archived boolean NOT NULL DEFAULT false,
  PRIMARY KEY (stream_id, partition, is_archived)
) PARTITION BY LIST (partition);
CREATE SEQUENCE public.emt_global_message_position;
CREATE TABLE public.emt_messages (
  stream_position bigint NOT NULL,
  global_position bigint DEFAULT nextval('public.emt_global_message_position'),
  transaction_id xid8 NOT NULL,
  created timestamptz NOT NULL DEFAULT now(),
  is_archived boolean NOT NULL DEFAULT false,
  message_kind varchar(1) NOT NULL DEFAULT 'E',
  stream_id text NOT NULL,
  partition text NOT NULL DEFAULT 'emt:default',
  message_schema_version text NOT NULL,
  message_id text NOT NULL,
  message_type text NOT NULL,
  message_data jsonb NOT NULL,
  message_metadata jsonb NOT NULL,
  PRIMARY KEY (stream_id, stream_position, partition, is_archived)
) PARTITION BY LIST (partition);
CREATE TABLE public.emt_processors (
  last_processed_transaction_id xid8 NOT NULL,
  version int NOT NULL DEFAULT 1,
  processor_id text NOT NULL,
  partition text NOT NULL DEFAULT 'emt:default',
  last_processed_checkpoint text NOT NULL,
  PRIMARY KEY (processor_id, partition, version)
);

-- As the library's function emt_add_partition makes them; those of a tenant, too.
CREATE TABLE public.emt_messages_emt_default PARTITION OF public.emt_messages FOR VALUES IN ('emt:default') PARTITION BY LIST (is_archived);
CREATE TABLE public.emt_messages_emt_default_active PARTITION OF public.emt_messages_emt_default FOR VALUES IN (false);
CREATE TABLE public.emt_messages_emt_default_archived PARTITION OF public.emt_messages_emt_default FOR VALUES IN (true);
CREATE TABLE public.emt_streams_emt_default PARTITION OF public.emt_streams FOR VALUES IN ('emt:default') PARTITION BY LIST (is_archived);
CREATE TABLE public.emt_streams_emt_default_active PARTITION OF public.emt_streams_emt_default FOR VALUES IN (false);
CREATE TABLE public.emt_streams_emt_default_archived PARTITION OF public.emt_streams_emt_default FOR VALUES IN (true);
CREATE TABLE public.emt_messages_shop__berlin PARTITION OF public.emt_messages FOR VALUES IN ('shop__berlin') PARTITION BY LIST (is_archived);
CREATE TABLE public.emt_messages_shop__berlin_active PARTITION OF public.emt_messages_shop__berlin FOR VALUES IN (false);
CREATE TABLE public.emt_messages_shop__berlin_archived PARTITION OF public.emt_messages_shop__berlin FOR VALUES IN (true);
CREATE TABLE public.emt_streams_shop__berlin PARTITION OF public.emt_streams FOR VALUES IN ('shop__berlin') PARTITION BY LIST (is_archived);
CREATE TABLE public.emt_streams_shop__berlin_active PARTITION OF public.emt_streams_shop__berlin FOR VALUES IN (false);
CREATE TABLE public.emt_streams_shop__berlin_archived PARTITION OF public.emt_streams_shop__berlin FOR VALUES IN (true);
