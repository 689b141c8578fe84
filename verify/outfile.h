#ifndef VERIFY_OUTFILE_H
#define VERIFY_OUTFILE_H

#include "common/address.h"

/*
 * An archive that esverify is asked to write, by an option with its name: whether the name is
 * one of a file, and says nothing else than what will be in it.  -1: ERR_USAGE, ERR_IO.
 */
MUST_USE int outfile_check(const char *option, const char *path, bool replace, struct err *err);
/* --force replaces an archive that is old, never a place that is read. */
MUST_USE int outfile_check_apart(const char *option, const char *path, const struct address *place,
                                 struct err *err);

#endif
