/*
 * What libnats needs by itself to publish messages to JetStream, and to fetch them: the floor of
 * the rows of NATS in the benchmark.
 *
 *	natsloop dump nats://127.0.0.1:4222 EVENTS events.msgs
 *	natsloop publish nats://127.0.0.1:4222 EVENTS events.msgs
 *	natsloop fetch nats://127.0.0.1:4222 EVENTS
 *
 * `dump` writes the messages of a stream to a file: for each its subject, its data, names and
 * values of its headers, and an empty name.  Each of these is a length (four bytes, of this
 * machine), the bytes and a NUL, so that all is used where it is.  Headers that say what the stream
 * must look like are left out.  `publish` wants a stream that has none of the messages: ids go with
 * them.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nats/nats.h>

#include "bench/floor.h"

#define WINDOW 4096
#define BATCH 1000
#define WAIT_MS 60000
#define EXPECTED "Nats-Expected-"

struct loop {
	const char *stream, *path;
	natsConnection *conn;
	jsCtx *js;
	FILE *out;             /* dump: NULL where nothing is kept */
	uint64_t count, sum;   /* messages, and their bytes */
	struct floor_bytes in; /* publish: what is left of the file */
	atomic_bool refused;   /* and why, which was there first */
	char why[256];
};

static void
check(natsStatus status, const char *what)
{
	if (status != NATS_OK)
		floor_fail("%s: %s", what, natsStatus_GetText(status));
}

static void
put(struct loop *l, const char *bytes, size_t size)
{
	uint32_t len = (uint32_t)size;

	l->sum += len;
	if (!l->out)
		return;
	if (fwrite(&len, sizeof(len), 1, l->out) != 1 || fwrite(bytes, 1, len, l->out) != len ||
	    putc('\0', l->out) == EOF)
		floor_fail("%s: %s", l->path, strerror(errno));
}

/* A name comes again for each of its values. */
static void
put_headers(struct loop *l, natsMsg *msg)
{
	const char **names = NULL, **values;
	int n_names = 0, n_values, i, j;
	natsStatus status = natsMsgHeader_Keys(msg, &names, &n_names);

	if (status != NATS_NOT_FOUND)
		check(status, "headers");
	for (i = 0; i < n_names; i++) {
		if (strncmp(names[i], EXPECTED, sizeof(EXPECTED) - 1) == 0)
			continue;
		check(natsMsgHeader_Values(msg, names[i], &values, &n_values), names[i]);
		for (j = 0; j < n_values; j++) {
			put(l, names[i], strlen(names[i]));
			put(l, values[j], strlen(values[j]));
		}
		free((void *)values);
	}
	free((void *)names);
	put(l, "", 0);
}

static void
put_message(struct loop *l, natsMsg *msg)
{
	const char *subject = natsMsg_GetSubject(msg);

	put(l, subject, strlen(subject));
	put(l, natsMsg_GetData(msg), (size_t)natsMsg_GetDataLength(msg));
	put_headers(l, msg);
	l->count++;
}

static jsStreamState
find_state(struct loop *l)
{
	jsStreamInfo *info = NULL;
	jsStreamState state;

	check(js_GetStreamInfo(&info, l->js, l->stream, NULL, NULL), l->stream);
	state = info->State;
	jsStreamInfo_Destroy(info);
	state.Deleted = NULL; /* what it points to is gone */
	state.Subjects = NULL;
	return state;
}

static uint64_t
sequence_of(natsMsg *msg)
{
	jsMsgMetaData *meta = NULL;
	uint64_t sequence;

	check(natsMsg_GetMetaData(&meta, msg), "reply subject");
	sequence = meta->Sequence.Stream;
	jsMsgMetaData_Destroy(meta);
	return sequence;
}

static void
fetch(struct loop *l)
{
	natsSubscription *sub = NULL;
	natsMsgList list = {0};
	jsSubOptions options;
	jsStreamState state = find_state(l);
	uint64_t end = state.Msgs ? state.LastSeq : 0, sequence = 0;
	int i;

	check(jsSubOptions_Init(&options), "options");
	options.Stream = l->stream;
	options.Config.AckPolicy = js_AckNone;
	options.Config.DeliverPolicy = js_DeliverAll;
	options.Config.MemoryStorage = true;
	check(js_PullSubscribe(&sub, l->js, ">", NULL, NULL, &options, NULL), l->stream);
	while (sequence < end) {
		check(natsSubscription_Fetch(&list, sub, BATCH, WAIT_MS, NULL), "fetch");
		for (i = 0; i < list.Count; i++)
			put_message(l, list.Msgs[i]);
		if (list.Count > 0)
			sequence = sequence_of(list.Msgs[list.Count - 1]);
		natsMsgList_Destroy(&list);
	}
	natsSubscription_Unsubscribe(sub);
	natsSubscription_Destroy(sub);
}

static void
dump(struct loop *l)
{
	l->out = fopen(l->path, "wb");
	if (!l->out)
		floor_fail("%s: %s", l->path, strerror(errno));
	fetch(l);
	if (fclose(l->out) != 0)
		floor_fail("%s: %s", l->path, strerror(errno));
}

/* What put wrote; it stays the file's. */
static const char *
take(struct loop *l, uint32_t *len)
{
	const char *bytes;

	memcpy(len, floor_take(&l->in, sizeof(*len)), sizeof(*len));
	bytes = floor_take(&l->in, *len);
	floor_take(&l->in, 1);
	return bytes;
}

static natsMsg *
take_message(struct loop *l)
{
	const char *subject, *data, *name, *value;
	natsMsg *msg = NULL;
	uint32_t len;

	subject = take(l, &len);
	data = take(l, &len);
	check(natsMsg_Create(&msg, subject, NULL, data, (int)len), "message");
	for (;;) {
		name = take(l, &len);
		if (len == 0)
			return msg;
		value = take(l, &len);
		check(natsMsgHeader_Add(msg, name, value), name);
	}
}

/* In a thread of the library; main looks when all has been answered. */
static void
on_refused(jsCtx *js, jsPubAckErr *error, void *closure)
{
	struct loop *l = closure;

	(void)js;
	if (!l->refused)
		snprintf(l->why, sizeof(l->why), "%s",
		         error->ErrText ? error->ErrText : natsStatus_GetText(error->Err));
	l->refused = true;
}

static void
publish(struct loop *l)
{
	uint64_t before = find_state(l).Msgs;
	jsPubOptions options;
	natsMsg *msg;

	l->in = floor_map(l->path);
	for (; l->in.left; l->count++) {
		msg = take_message(l);
		l->sum += (uint64_t)natsMsg_GetDataLength(msg);
		check(js_PublishMsgAsync(l->js, &msg, NULL), "publish");
		natsMsg_Destroy(msg);
	}
	check(jsPubOptions_Init(&options), "options");
	options.MaxWait = WAIT_MS;
	check(js_PublishAsyncComplete(l->js, &options), "acknowledgements");
	if (l->refused)
		floor_fail("a message was refused: %s", l->why);
	/* What the stream knows by its id is acknowledged, too. */
	if (find_state(l).Msgs - before != l->count)
		floor_fail("%s: has not all of the messages now", l->stream);
}

static void
connect_to(struct loop *l, const char *url)
{
	jsOptions options;

	check(natsConnection_ConnectTo(&l->conn, url), url);
	check(jsOptions_Init(&options), "options");
	options.PublishAsync.MaxPending = WINDOW;
	options.PublishAsync.StallWait = WAIT_MS;
	options.PublishAsync.ErrHandler = on_refused;
	options.PublishAsync.ErrHandlerClosure = l;
	check(natsConnection_JetStream(&l->js, l->conn, &options), url);
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int argc;
		void (*run)(struct loop *l);
	} commands[] = {{"dump", 5, dump}, {"publish", 5, publish}, {"fetch", 4, fetch}};
	struct loop l = {0};
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (argc == commands[i].argc && strcmp(argv[1], commands[i].name) == 0)
			break;
	if (i == sizeof(commands) / sizeof(*commands)) {
		fprintf(stderr, "usage: natsloop dump|publish URL STREAM FILE\n"
		                "       natsloop fetch URL STREAM\n");
		return 2;
	}
	l.stream = argv[3];
	l.path = argv[4]; /* NULL behind the last one */
	connect_to(&l, argv[2]);
	commands[i].run(&l);
	jsCtx_Destroy(l.js);
	natsConnection_Destroy(l.conn);
	nats_Close();
	floor_say(l.count, "messages", l.sum);
	return 0;
}
