CREATE TABLE public.mt_streams (
  id varchar NOT NULL,
  type varchar NULL,
  version bigint NULL,
  timestamp timestamptz NOT NULL DEFAULT (now()),
  created timestamptz NOT NULL DEFAULT (now()),
  tenant_id varchar NULL DEFAULT '*DEFAULT*',
  is_archived bool NULL DEFAULT FALSE,
  CONSTRAINT pkey_mt_streams_id PRIMARY KEY (id)
);
CREATE SEQUENCE public.mt_events_sequence;
CREATE TABLE public.mt_events (
  seq_id bigint NOT NULL,
  id uuid NOT NULL,
  stream_id varchar NULL,
  version bigint NOT NULL,
  data jsonb NOT NULL,
  type varchar(500) NOT NULL,
  timestamp timestamptz NOT NULL DEFAULT (now()),
  tenant_id varchar NULL DEFAULT '*DEFAULT*',
  mt_dotnet_type varchar NULL,
  is_archived bool NULL DEFAULT FALSE,
  CONSTRAINT pkey_mt_events_seq_id PRIMARY KEY (seq_id)
);
ALTER SEQUENCE public.mt_events_sequence OWNED BY public.mt_events.seq_id;
ALTER TABLE public.mt_events ADD CONSTRAINT fkey_mt_events_stream_id FOREIGN KEY (stream_id) REFERENCES public.mt_streams (id);
CREATE UNIQUE INDEX pk_mt_events_stream_and_version ON public.mt_events USING btree (stream_id, version);
CREATE TABLE public.mt_event_progression (
  name varchar NOT NULL,
  last_seq_id bigint NULL,
  last_updated timestamptz NULL DEFAULT (transaction_timestamp()),
  CONSTRAINT pkey_mt_event_progression_name PRIMARY KEY (name)
);
