#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base64.h"
#include "common/log.h"
#include "common/natsrow_impl.h"
#include "common/natsstate.h"
#include "common/natsstream.h"
#include "common/natssubject.h"
#include "common/timestamp.h"

#define MESSAGE_ARENA_BYTES ((size_t)16 << 10)
#define WHAT_BYTES 320 /* "STREAM.MSG.GET." and a name */
#define NS_PER_S INT64_C(1000000000)

static const char *
name_of(const struct natsdb *db)
{
	return db->stream;
}

static int
ask(struct natsdb *db, const char *what, json_t *request, json_t **reply, struct err *err)
{
	char subject[WHAT_BYTES];

	snprintf(subject, sizeof(subject), "%s.%s", what, name_of(db));
	return natsdb_ask(db, subject, request, reply, err);
}

void
natsstream_release(struct natsstream *s)
{
	json_decref(s->config);
	*s = (struct natsstream){0};
}

int
natsstream_look(struct natsstream *out, struct natsdb *db, struct err *err)
{
	struct err now = ERR_INIT;
	json_t *reply, *state;
	const char *created;

	natsstream_release(out);
	if (ask(db, "STREAM.INFO", NULL, &reply, &now) < 0) {
		if (db->code == NATSSTATE_NO_STREAM)
			return 0;
		*err = now;
		return -1;
	}
	state = json_object_get(reply, "state");
	out->config = json_incref(json_object_get(reply, "config"));
	out->messages = natsdb_number(state, "messages");
	out->first = natsdb_number(state, "first_seq");
	out->last = natsdb_number(state, "last_seq");
	created = json_string_value(json_object_get(reply, "created"));
	snprintf(out->created, sizeof(out->created), "%s", created ? created : "");
	json_decref(reply);
	if (out->config && (out->messages == 0 || (out->first > 0 && out->last >= out->first)))
		return 0;
	db->trouble = NATSDB_FATAL;
	return err_set(err, ERR_STORE, "STREAM.INFO.%s: the answer is none", name_of(db));
}

void
natsstream_message_release(struct natsstream_message *m)
{
	arena_free(m->mem);
	*m = (struct natsstream_message){0};
}

static bool
decode(const json_t *message, const char *key, struct arena *mem, struct slice *out)
{
	const json_t *text = json_object_get(message, key);
	struct buf bytes = BUF_INIT;
	bool good = true;

	*out = SLICE_LIT("");
	if (!text)
		return true;
	good = json_is_string(text) &&
	       base64_decode((struct slice){(const uint8_t *)json_string_value(text),
	                                    json_string_length(text)},
	                     &bytes) == 0;
	if (good && bytes.len)
		*out = arena_dup(mem, buf_slice(&bytes));
	buf_release(&bytes);
	return good;
}

static bool
read_message(struct natsstream_message *out, const json_t *message)
{
	const char *subject = json_string_value(json_object_get(message, "subject"));
	const char *time = json_string_value(json_object_get(message, "time"));
	struct slice headers;

	out->msg = (struct natsmsg){.sequence = natsdb_number(message, "seq")};
	if (!subject || !time || timestamp_parse(slice_str(time), &out->msg.time_ns) < 0 ||
	    !decode(message, "data", out->mem, &out->msg.body) ||
	    !decode(message, "hdrs", out->mem, &headers))
		return false;
	out->msg.subject = arena_dup(out->mem, slice_str(subject));
	return headers.len == 0 || natsmsg_parse_headers(&out->msg, headers, out->mem) == 0;
}

int
natsstream_get(struct natsstream_message *out, struct natsdb *db, uint64_t sequence,
               struct err *err)
{
	struct err now = ERR_INIT;
	json_t *reply;
	bool good;

	if (!out->mem)
		out->mem = arena_new(MESSAGE_ARENA_BYTES);
	arena_reset(out->mem);
	if (ask(db, "STREAM.MSG.GET",
	        json_pack("{s:I, s:s}", "seq", (json_int_t)sequence, "next_by_subj", ">"), &reply,
	        &now) < 0) {
		if (db->code == NATSSTATE_NO_MESSAGE)
			return 0;
		*err = now;
		return -1;
	}
	good = read_message(out, json_object_get(reply, "message"));
	json_decref(reply);
	if (good)
		return 1;
	db->trouble = NATSDB_FATAL;
	return err_set(err, ERR_STORE, "STREAM.MSG.GET.%s: the answer is no message", name_of(db));
}

/* How well a layout fits: of those that know a header, it may be that one only spells it so. */
enum fit { FIT_NONE, FIT_BUT_FOR_CASE, FIT_EXACT };

/* The first message has the header that tells the type. */
static enum fit
fits_message(const struct layout *l, const struct natsmsg *m)
{
	const struct layout_column *c = layout_column_of(l, FIELD_TYPE);
	enum fit best = FIT_NONE;
	size_t i;

	for (i = 0; c->at == LAYOUT_AT_HEADER && i < m->n_headers; i++) {
		if (slice_is(m->headers[i].name, c->name))
			return FIT_EXACT;
		if (natsmsg_name_eq(m->headers[i].name, c->name))
			best = FIT_BUT_FOR_CASE;
	}
	return best;
}

/* One of the subjects of the stream takes all of the pattern. */
static bool
takes_pattern(const struct natsstream *s, const struct layout_messages *m, struct slice store)
{
	struct buf wild = BUF_INIT;
	bool takes;

	natssubject_wild(m->subject, store, &wild);
	takes = natsstream_takes(s, buf_slice(&wild));
	buf_release(&wild);
	return takes;
}

static enum fit
fits(const struct layout *l, const struct natsdb *db, const struct natsstream *s,
     const struct natsmsg *first)
{
	struct slice store;

	if (strcmp(l->store, "nats") != 0 ||
	    !natssubject_store(l->messages, slice_str(name_of(db)), &store))
		return FIT_NONE;
	if (first)
		return fits_message(l, first);
	return takes_pattern(s, l->messages, store) ? FIT_EXACT : FIT_NONE;
}

/* The layouts that fit best: the first of them, and all their names. */
struct fitting {
	struct layout *first; /* owned */
	struct buf names;
	size_t n;
	enum fit how;
};

/* The layout becomes the list's, or is freed. */
static void
take_fitting(struct fitting *f, struct layout *l, enum fit how)
{
	if (how == FIT_NONE || how < f->how) {
		layout_free(l);
		return;
	}
	if (how > f->how) {
		layout_free(f->first);
		f->first = NULL;
		f->names.len = 0;
		f->n = 0;
		f->how = how;
	}
	buf_printf(&f->names, "%s%s", f->n ? ", " : "", l->name);
	if (f->n++ == 0)
		f->first = l;
	else
		layout_free(l);
}

static int
find_fitting(struct fitting *f, const struct natsdb *db, const struct natsstream *s,
             const struct natsmsg *first, struct err *err)
{
	struct layout *l;
	size_t i;

	for (i = 0; i < layout_builtin_count(); i++) {
		if (layout_builtin(&l, i, err) < 0)
			return -1;
		take_fitting(f, l, fits(l, db, s, first));
	}
	return 0;
}

static int
detect(struct layout **out, struct natsdb *db, const struct natsstream *s,
       const struct natsmsg *first, struct err *err)
{
	struct fitting f = {.names = BUF_INIT};
	int rc = find_fitting(&f, db, s, first, err);

	if (rc == 0 && f.n != 1) {
		if (f.n == 0)
			rc = err_set(err, ERR_LAYOUT,
			             "%s: has no messages that a built-in layout knows",
			             db->address->shown);
		else
			rc = err_set(err, ERR_LAYOUT, "%s: several layouts fit: %s",
			             db->address->shown, buf_cstr(&f.names));
		err_hint(err, f.n ? "name one with --layout"
		                  : "name a layout with --layout, see spec/LAYOUTS.md");
	}
	buf_release(&f.names);
	if (rc == 0) {
		*out = f.first;
		return 0;
	}
	layout_free(f.first);
	db->trouble = NATSDB_FATAL;
	return -1;
}

int
natsstream_choose(struct layout **out, struct natsdb *db, const struct natsstream *s,
                  const char *asked, struct err *err)
{
	struct natsstream_message m = {0};
	int rc = 0;

	*out = NULL;
	if (asked && strcmp(asked, "auto") != 0)
		rc = layout_load(out, asked, "nats", err);
	else if (!s->config)
		rc = layout_load(out, "native", "nats", err);
	if (rc < 0)
		db->trouble = NATSDB_FATAL;
	if (rc < 0 || *out)
		return rc;
	if (s->messages > 0)
		rc = natsstream_get(&m, db, s->first, err);
	if (rc >= 0)
		rc = detect(out, db, s, rc > 0 ? &m.msg : NULL, err);
	natsstream_message_release(&m);
	return rc;
}

/* A setting by which messages go, or are not kept at all; NULL: there is none.  *always: also where
 * the user said allow_loss. */
static const char *
find_loss(const json_t *config, bool *always)
{
	const char *retention = json_string_value(json_object_get(config, "retention"));
	const char *discard = json_string_value(json_object_get(config, "discard"));
	bool bounded =
	    natsdb_number(config, "max_msgs") > 0 || natsdb_number(config, "max_bytes") > 0;

	*always = true;
	if (json_object_get(config, "mirror"))
		return "it is a mirror, which takes no messages";
	if (json_is_true(json_object_get(config, "sealed")))
		return "it is sealed";
	if (json_is_true(json_object_get(config, "no_ack")))
		return "it does not acknowledge messages (no_ack)";
	if (json_object_get(config, "subject_transform"))
		return "it changes subjects (subject_transform)";
	*always = false;
	if (retention && strcmp(retention, "limits") != 0)
		return "its messages go when they have been read (retention)";
	if (natsdb_number(config, "max_age") > 0)
		return "its messages expire (max_age)";
	if (natsdb_number(config, "max_msgs_per_subject") > 0)
		return "it keeps only so many messages of a subject (max_msgs_per_subject)";
	if (bounded && !(discard && strcmp(discard, "new") == 0))
		return "it drops its oldest messages where it is full (discard old)";
	return NULL;
}

int
natsstream_check(const struct natsstream *s, const struct natsdb *db, const struct natsrow *row,
                 struct err *err)
{
	const struct layout *l = row->layout;
	const char *storage = json_string_value(json_object_get(s->config, "storage"));
	struct buf wild = BUF_INIT;
	const char *why;
	bool always, good;

	why = find_loss(s->config, &always);
	if (why && (always || !db->address->nats.make.allow_loss)) {
		err_set(err, ERR_STORE, "%s: %s", db->address->shown, why);
		return always ? -1
		              : err_hint(err, "to import into it all the same, put allow_loss=yes "
		                              "into the address");
	}
	if (why)
		log_warning("%s: %s", db->address->shown, why);
	if (storage && strcmp(storage, "memory") == 0)
		log_warning("%s: it is in memory, and gone when its servers stop",
		            db->address->shown);
	natssubject_wild(l->messages->subject, row->store, &wild);
	good = takes_pattern(s, l->messages, row->store) || slice_is(buf_slice(&wild), ">");
	if (!good)
		err_set(err, ERR_LAYOUT, "%s: does not take the subjects %s of the layout %s",
		        db->address->shown, buf_cstr(&wild), l->name);
	buf_release(&wild);
	return good ? 0 : -1;
}

/* What the address says, else what the layout says. */
static json_t *
list_subjects(const struct natsdb *db, const struct natsrow *row)
{
	const struct layout_messages *m = row->layout->messages;
	const char *said = db->address->nats.make.subjects;
	struct buf wild = BUF_INIT;
	json_t *list = json_array();
	size_t i, n;

	for (i = 0; !said && i < m->n_subjects; i++) {
		wild.len = 0;
		natssubject_wild(m->subjects[i], row->store, &wild);
		json_array_append_new(list, json_string(buf_cstr(&wild)));
	}
	for (; said && *said; said += n + (said[n] == ',')) {
		n = strcspn(said, ",");
		json_array_append_new(list, json_stringn(said, n));
	}
	buf_release(&wild);
	return list;
}

static json_int_t
or_none(uint64_t n)
{
	return n ? (json_int_t)n : -1;
}

static json_t *
make_config(const struct natsdb *db, const struct natsrow *row)
{
	const struct natsaddress_stream *a = &db->address->nats.make;
	const struct layout_messages *m = row->layout->messages;
	json_t *config =
	    json_pack("{s:s, s:o, s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:b}", "name",
	              name_of(db), "subjects", list_subjects(db, row), "retention", "limits",
	              "storage", a->memory ? "memory" : "file", "discard",
	              a->discard_old ? "old" : "new", "num_replicas",
	              (json_int_t)(a->replicas ? a->replicas : 1), "max_consumers", (json_int_t)-1,
	              "max_msgs", or_none(a->max_msgs), "max_bytes", or_none(a->max_bytes),
	              "max_msg_size", or_none(a->max_msg_size), "max_age",
	              (json_int_t)a->max_age_s * NS_PER_S, "allow_direct", 1);
	size_t i;

	if (a->has_duplicate_window)
		json_object_set_new(config, "duplicate_window",
		                    json_integer((json_int_t)a->duplicate_window_ns));
	for (i = 0; i < m->n_settings; i++)
		json_object_set_new(config, m->settings[i].name, json_boolean(m->settings[i].on));
	return config;
}

int
natsstream_plan(struct natsstream *out, struct natsdb *db, const struct natsrow *row,
                struct err *err)
{
	natsstream_release(out);
	out->config = make_config(db, row);
	if (json_array_size(json_object_get(out->config, "subjects")) > 0)
		return 0;
	db->trouble = NATSDB_FATAL;
	err_set(err, ERR_USAGE, "%s: layout %s does not say which subjects it would take",
	        db->address->shown, row->layout->name);
	return err_hint(err, "name them in the address, as in ?subjects=orders.*");
}

bool
natsstream_takes(const struct natsstream *s, struct slice subject)
{
	json_t *subjects = json_object_get(s->config, "subjects");
	const char *text;
	size_t i;

	for (i = 0; i < json_array_size(subjects); i++) {
		text = json_string_value(json_array_get(subjects, i));
		if (text && natssubject_within(subject, slice_str(text)))
			return true;
	}
	return false;
}

int
natsstream_make(struct natsdb *db, const struct natsrow *row, struct err *err)
{
	json_t *reply;

	if (ask(db, "STREAM.CREATE", make_config(db, row), &reply, err) < 0)
		return -1;
	json_decref(reply);
	return 0;
}
