#include <stdlib.h>
#include <string.h>

#include "common/address.h"
#include "common/percent.h"

static const struct {
	const char *scheme; /* with "://" */
	enum address_kind kind;
} schemes[] = {
    {"sqlite://", ADDRESS_SQLITE},
    {"sqlite3://", ADDRESS_SQLITE},
    {"file://", ADDRESS_FILE},
};

static int
decode_path(char **out, const char *text, const char *shown, struct err *err)
{
	struct buf path = BUF_INIT;

	if (strchr(text, '?') || !percent_decode(&path, slice_str(text))) {
		buf_release(&path);
		return err_set(err, ERR_USAGE,
		               "address %s: %%XX must be two hexadecimal digits of a byte "
		               "that is not zero, and ? is written %%3F",
		               shown);
	}
	if (path.len == 0)
		return err_set(err, ERR_USAGE, "address %s: there is no path in it", shown);
	*out = xstrdup(buf_cstr(&path));
	buf_release(&path);
	return 0;
}

int
address_parse(struct address *out, const char *text, struct err *err)
{
	size_t i, n;

	*out = (struct address){.kind = ADDRESS_FILE};
	if (*text == '\0')
		return err_set(err, ERR_USAGE, "an address is empty");
	if (pgaddress_is(text)) {
		out->kind = ADDRESS_POSTGRES;
		return pgaddress_parse(&out->pg, &out->shown, text, err);
	}
	if (natsaddress_is(text)) {
		if (natsaddress_parse(&out->nats, &out->shown, text, err) < 0)
			return -1;
		out->kind = out->nats.many ? ADDRESS_NATS_MANY : ADDRESS_NATS;
		return 0;
	}
	for (i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
		n = strlen(schemes[i].scheme);
		if (strncmp(text, schemes[i].scheme, n) != 0)
			continue;
		out->kind = schemes[i].kind;
		if (decode_path(&out->path, text + n, text, err) < 0)
			return -1;
		out->shown = xstrdup(text);
		return 0;
	}
	n = strcspn(text, ":/");
	if (strncmp(text + n, "://", 3) == 0)
		return err_set(err, ERR_USAGE, "address %.*s://...: unknown kind of store", (int)n,
		               text);
	out->kind = strcmp(text, "-") == 0 ? ADDRESS_STREAM : ADDRESS_FILE;
	out->path = xstrdup(text);
	out->shown = xstrdup(text);
	return 0;
}

void
address_release(struct address *a)
{
	free(a->path);
	free(a->shown);
	pgaddress_release(&a->pg);
	natsaddress_release(&a->nats);
	*a = (struct address){.kind = ADDRESS_FILE};
}

bool
address_is_store(const struct address *a)
{
	return a->kind != ADDRESS_FILE && a->kind != ADDRESS_STREAM;
}
