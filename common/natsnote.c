#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base64.h"
#include "common/natsnote.h"

#define BEGIN "esimport: "
#define KEY_CHARS 24 /* base64 of 16 bytes */

static const char *
description_of(const struct natsstream *s)
{
	const char *text = json_string_value(json_object_get(s->config, "description"));

	return text ? text : "";
}

void
natsnote_write(const struct natsnote *note, struct buf *out)
{
	buf_add_str(out, BEGIN);
	base64_encode((struct slice){note->key, sizeof(note->key)}, out);
	buf_printf(out, " up to %" PRIu64 ", message %" PRIu64 " is position %" PRIu64, note->upto,
	           note->sequence, note->position);
}

bool
natsnote_read(const struct natsstream *s, struct natsnote *out)
{
	const char *text = description_of(s);
	struct buf bytes = BUF_INIT, again = BUF_INIT;
	bool good = false;

	*out = (struct natsnote){0};
	if (strncmp(text, BEGIN, strlen(BEGIN)) != 0 || strlen(text) < strlen(BEGIN) + KEY_CHARS)
		return false;
	text += strlen(BEGIN);
	if (base64_decode((struct slice){(const uint8_t *)text, KEY_CHARS}, &bytes) == 0 &&
	    bytes.len == sizeof(out->key) &&
	    sscanf(text + KEY_CHARS, " up to %" SCNu64 ", message %" SCNu64 " is position %" SCNu64,
	           &out->upto, &out->sequence, &out->position) == 3) {
		memcpy(out->key, bytes.p, sizeof(out->key));
		/* Numbers that are too large, and words behind them, are not ours. */
		natsnote_write(out, &again);
		good = strcmp(buf_cstr(&again), description_of(s)) == 0;
	}
	buf_release(&bytes);
	buf_release(&again);
	return good;
}

bool
natsnote_may_write(const struct natsstream *s)
{
	const char *text = description_of(s);

	return !*text || strncmp(text, BEGIN, strlen(BEGIN)) == 0;
}
