#ifndef VERIFY_INFO_H
#define VERIFY_INFO_H

#include <stdbool.h>

#include "common/err.h"

/*
 * Print what an archive says of itself, header and totals, on standard output.
 * Payloads are passed over, so that of a file only the blocks are read.
 */
MUST_USE int info_print(const char *path, bool json, struct err *err);

#endif
