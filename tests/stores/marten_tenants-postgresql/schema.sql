CREATE TABLE public.mt_streams (
  tenant_id varchar NOT NULL DEFAULT '*DEFAULT*',
  id uuid NOT NULL,
  type varchar NULL,
  version bigint NULL,
  timestamp timestamptz NOT NULL DEFAULT (now()),
  created timestamptz NOT NULL DEFAULT (now()),
  is_archived bool NOT NULL DEFAULT FALSE,
  CONSTRAINT pkey_mt_streams_id_tenant_id_is_archived PRIMARY KEY (id, tenant_id, is_archived)
) PARTITION BY LIST (is_archived);
CREATE TABLE public.mt_streams_default PARTITION OF public.mt_streams DEFAULT;
CREATE TABLE public.mt_streams_archived PARTITION OF public.mt_streams FOR VALUES IN (true);
CREATE SEQUENCE public.mt_events_sequence;
CREATE TABLE public.mt_events (
  seq_id bigint NOT NULL,
  id uuid NOT NULL,
  stream_id uuid NOT NULL,
  version bigint NOT NULL,
  data jsonb NOT NULL,
  type varchar(500) NOT NULL,
  timestamp timestamptz NOT NULL DEFAULT (now()),
  tenant_id varchar NOT NULL DEFAULT '*DEFAULT*',
  mt_dotnet_type varchar NULL,
  correlation_id varchar NULL,
  causation_id varchar NULL,
  headers jsonb NULL,
  user_name varchar NULL,
  bdata bytea NULL,
  is_skipped bool NULL DEFAULT FALSE,
  is_archived bool NOT NULL DEFAULT FALSE,
  CONSTRAINT pkey_mt_events_seq_id_is_archived PRIMARY KEY (seq_id, is_archived)
) PARTITION BY LIST (is_archived);
CREATE TABLE public.mt_events_default PARTITION OF public.mt_events DEFAULT;
CREATE TABLE public.mt_events_archived PARTITION OF public.mt_events FOR VALUES IN (true);
ALTER SEQUENCE public.mt_events_sequence OWNED BY public.mt_events.seq_id;
ALTER TABLE public.mt_events ADD CONSTRAINT fkey_mt_events_stream_id_tenant_id_is_archived
  FOREIGN KEY (stream_id, tenant_id, is_archived) REFERENCES public.mt_streams (id, tenant_id, is_archived);
CREATE UNIQUE INDEX pk_mt_events_stream_and_version ON public.mt_events USING btree (stream_id, version, tenant_id, is_archived);
CREATE TABLE public.mt_event_progression (
  name varchar NOT NULL,
  last_seq_id bigint NULL,
  last_updated timestamptz NULL DEFAULT (transaction_timestamp()),
  CONSTRAINT pkey_mt_event_progression_name PRIMARY KEY (name)
);
