#ifndef EXPORT_TARGET_H
#define EXPORT_TARGET_H

#include "common/address.h"
#include "common/selection.h"
#include "format/digest.h"

/*
 * How far the import of a source has come in a target, as esimport keeps it there
 * (spec/CLI.md, "Resume and conflicts"): for an export that goes on behind that.
 * Nothing in the target changes.
 */
struct target_key {
	struct digest origin;
	/* Of the filters, with each conversion of payloads that esimport can be asked for. */
#define TARGET_CONVERSIONS 3
	struct digest selections[TARGET_CONVERSIONS];
};

/* `filters`: a CBOR map, as the header of the archive has it. */
void target_key_make(struct target_key *out, const struct digest *origin, struct slice filters);

/* What the selection of an import is known by.  `conversion`: the number of one. */
void target_selection(struct slice filters, uint8_t conversion, struct digest *out);

/*
 * Up to which position the target has everything; not set where no such import
 * wrote to it, or it is not there yet.  `layout`: the one asked for, or NULL.  Of several
 * imports that it may be the least one counts: esimport skips what it has.
 */
MUST_USE int target_upto(struct selection_bound *out, const struct address *to, const char *layout,
                         const struct target_key *key, struct err *err);

/* The same for each kind of store. */
MUST_USE int target_sqlite(struct selection_bound *out, const struct address *to,
                           const char *layout, const struct target_key *key, struct err *err);
MUST_USE int target_postgres(struct selection_bound *out, const struct address *to,
                             const char *layout, const struct target_key *key, struct err *err);
MUST_USE int target_nats(struct selection_bound *out, const struct address *to, const char *layout,
                         const struct target_key *key, struct err *err);

/* For those: the least of what was found. */
void target_take(struct selection_bound *least, uint64_t upto);

#endif
