/*
 * What the floors of the benchmark share: each is a bare program that does the least part of the
 * work of a row.  What fails ends the program; nothing is freed before the end.
 *
 *	struct floor_bytes rows = floor_map("whole/sqlite.rows");
 *	while (rows.left)
 *		memcpy(&len, floor_take(&rows, sizeof(len)), sizeof(len));
 */
#ifndef BENCH_FLOOR_H
#define BENCH_FLOOR_H

#include <stddef.h>
#include <stdint.h>

struct floor_bytes {
	const char *at;
	size_t left;
};

/* Prints the message, and ends the program with code 1. */
void floor_fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* The bytes of a file, where they are in the memory of the system. */
struct floor_bytes floor_map(const char *path);

/* The next `bytes` of them; fails where there are fewer. */
const char *floor_take(struct floor_bytes *from, size_t bytes);

/* The text of a file, SQL for example; the caller frees it. */
char *floor_text(const char *path);

/* A whole number from 1 on. */
uint64_t floor_number(const char *word);

/* The line at the end. */
void floor_say(uint64_t count, const char *of_what, uint64_t bytes);

#endif
