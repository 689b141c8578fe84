#include <string.h>

#include "format/codec.h"

static const struct codec *const codecs[] = {&codec_jsonl, &codec_cbor};

const struct codec *
codec_find(struct slice name)
{
	size_t i;

	for (i = 0; i < sizeof(codecs) / sizeof(*codecs); i++)
		if (slice_is(name, codecs[i]->name))
			return codecs[i];
	return NULL;
}

const struct codec *
codec_of_path(const char *path)
{
	size_t i, len = strlen(path), n;

	for (i = 0; i < sizeof(codecs) / sizeof(*codecs); i++) {
		n = strlen(codecs[i]->suffix);
		if (len >= n && strcmp(path + len - n, codecs[i]->suffix) == 0)
			return codecs[i];
	}
	return NULL;
}

int
codec_check_present(unsigned seen, unsigned flags, struct err *err)
{
	static const enum field always[] = {FIELD_POSITION, FIELD_STREAM, FIELD_VERSION,
	                                    FIELD_TYPE};
	size_t i;

	for (i = 0; i < sizeof(always) / sizeof(*always); i++) {
		if (always[i] == FIELD_POSITION && (flags & CODEC_NO_POSITION))
			continue;
		if (!(seen & 1U << always[i]))
			return err_set(err, ERR_FORMAT, "an event has no \"%s\"",
			               event_field_name(always[i]));
	}
	return 0;
}
