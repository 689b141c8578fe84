#include "export/target.h"

void
target_selection(struct slice filters, uint8_t conversion, struct digest *out)
{
	struct buf all = BUF_INIT;

	buf_add_slice(&all, filters);
	buf_add_byte(&all, conversion);
	*out = digest_of(buf_slice(&all));
	buf_release(&all);
}

void
target_key_make(struct target_key *out, const struct digest *origin, struct slice filters)
{
	uint8_t i;

	out->origin = *origin;
	for (i = 0; i < TARGET_CONVERSIONS; i++)
		target_selection(filters, i, &out->selections[i]);
}

void
target_take(struct selection_bound *least, uint64_t upto)
{
	if (!least->set || upto < least->position)
		*least = (struct selection_bound){true, upto};
}

int
target_upto(struct selection_bound *out, const struct address *to, const char *layout,
            const struct target_key *key, struct err *err)
{
	*out = (struct selection_bound){0};
	switch (to->kind) {
	case ADDRESS_SQLITE:
		return target_sqlite(out, to, layout, key, err);
	case ADDRESS_POSTGRES:
		return target_postgres(out, to, layout, key, err);
	case ADDRESS_NATS:
		return target_nats(out, to, layout, key, err);
	case ADDRESS_NATS_MANY:
		return err_set(err, ERR_USAGE,
		               "%s: stands for many streams, and an import goes into one",
		               to->shown);
	default:
		return err_set(err, ERR_USAGE, "%s: is not a store", to->shown);
	}
}
