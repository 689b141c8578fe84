CREATE TABLE public.stored_events (
  originator_id uuid NOT NULL,
  originator_version bigint NOT NULL,
  topic text,
  state bytea,
  notification_id bigserial,
  PRIMARY KEY (originator_id, originator_version)
);
CREATE UNIQUE INDEX stored_events_notification_id_idx ON public.stored_events (notification_id ASC);
CREATE TABLE public.stored_events_snapshots (
  originator_id uuid NOT NULL,
  originator_version bigint NOT NULL,
  topic text,
  state bytea,
  PRIMARY KEY (originator_id, originator_version)
);
CREATE TABLE public.tracking (
  application_name text,
  notification_id bigint,
  PRIMARY KEY (application_name, notification_id)
);
