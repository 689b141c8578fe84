#include <string.h>

#include "common/natsnote.h"
#include "common/natspull.h"
#include "export/target.h"

struct search {
	struct natsdb db;
	struct natsstream stream;
	struct {
		bool found;
		uint8_t key[NATSMARK_DIGEST_BYTES];
		uint64_t upto;
	} imports[TARGET_CONVERSIONS];
};

/* Later messages of an import have higher positions. */
static bool
look_at(struct search *s, const struct natsmsg *m)
{
	struct natsmark mark;
	int i;

	if (!natsmark_read(m, &mark))
		return false;
	for (i = 0; i < TARGET_CONVERSIONS; i++)
		if (memcmp(mark.key, s->imports[i].key, sizeof(mark.key)) == 0) {
			s->imports[i].found = true;
			s->imports[i].upto = mark.position;
			return true;
		}
	return false;
}

/* What filters left out behind the last message of an import is noted in the description. */
static void
take(const struct search *s, struct selection_bound *out)
{
	struct natsnote note;
	bool noted = natsnote_read(&s->stream, &note);
	int i;

	for (i = 0; i < TARGET_CONVERSIONS; i++) {
		if (!s->imports[i].found)
			continue;
		if (noted && note.position == s->imports[i].upto && note.upto > note.position &&
		    memcmp(note.key, s->imports[i].key, sizeof(note.key)) == 0)
			target_take(out, note.upto);
		else
			target_take(out, s->imports[i].upto);
	}
}

/* The last message, and where that is of somebody else, the headers of all. */
static int
ask(struct search *s, struct err *err)
{
	struct natsstream_message last = {0};
	struct natspull pull = {0};
	const struct natsmsg *m = NULL;
	int rc, i;

	for (i = 0; i < TARGET_CONVERSIONS; i++)
		s->imports[i].found = false;
	if (natsstream_look(&s->stream, &s->db, err) < 0)
		return -1;
	if (!s->stream.config || s->stream.messages == 0)
		return 0;
	rc = natsstream_get(&last, &s->db, s->stream.last, err);
	if (rc >= 0 && !(rc > 0 && look_at(s, &last.msg))) {
		rc = natspull_start(&pull, &s->db, s->stream.first, s->stream.last, true, err);
		while (rc >= 0 && (rc = natspull_next(&pull, &m, err)) > 0)
			(void)look_at(s, m);
		natspull_release(&pull);
	}
	natsstream_message_release(&last);
	return rc < 0 ? -1 : 0;
}

/* An import into a stream is known by origin and selection together; its layout says nothing more.
 */
int
target_nats(struct selection_bound *out, const struct address *to, const char *layout,
            const struct target_key *key, struct err *err)
{
	struct search s = {.db = {0}};
	struct digest both;
	int rc, i;

	(void)layout;
	for (i = 0; i < TARGET_CONVERSIONS; i++) {
		both = digest_chain(&key->origin, &key->selections[i]);
		memcpy(s.imports[i].key, both.bytes, sizeof(s.imports[i].key));
	}
	rc = natsdb_open(&s.db, to, err);
	s.db.stoppable = true;
	if (rc == 0)
		while ((rc = ask(&s, err)) < 0)
			if (natsdb_recover(&s.db, err) < 0)
				break;
	if (rc == 0)
		take(&s, out);
	natsstream_release(&s.stream);
	natsdb_close(&s.db);
	return rc;
}
