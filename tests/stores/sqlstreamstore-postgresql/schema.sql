CREATE SEQUENCE streams_seq START 1;
CREATE TABLE streams (
  id char(42) NOT NULL,
  id_original varchar(1000) NOT NULL,
  id_internal int NOT NULL DEFAULT nextval('streams_seq'),
  version int NOT NULL DEFAULT (-1),
  position bigint NOT NULL DEFAULT (-1),
  max_age int NULL,
  max_count int NULL,
  CONSTRAINT pk_streams PRIMARY KEY (id_internal)
);
ALTER SEQUENCE streams_seq OWNED BY streams.id_internal;
CREATE UNIQUE INDEX streams_by_id ON streams (id);
CREATE SEQUENCE messages_seq START 0 MINVALUE 0;
CREATE TABLE messages (
  stream_id_internal int NOT NULL,
  stream_version int NOT NULL,
  "position" bigint NOT NULL DEFAULT nextval('messages_seq'),
  message_id uuid NOT NULL,
  created_utc timestamp NOT NULL,
  type varchar(128) NOT NULL,
  json_data jsonb NOT NULL,
  json_metadata jsonb,
  CONSTRAINT pk_messages PRIMARY KEY (position),
  CONSTRAINT fk_messages_stream FOREIGN KEY (stream_id_internal) REFERENCES streams (id_internal)
);
ALTER SEQUENCE messages_seq OWNED BY messages.position;
CREATE UNIQUE INDEX messages_by_stream_id_internal_and_stream_version ON messages (stream_id_internal, stream_version);
CREATE UNIQUE INDEX messages_by_stream_id_internal_and_message_id ON messages (stream_id_internal, message_id);
CREATE TABLE deleted_streams (id char(42) NOT NULL, CONSTRAINT pk_deleted_streams PRIMARY KEY (id));
