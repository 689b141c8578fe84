#ifndef COMMON_ARGV_H
#define COMMON_ARGV_H

/*
 * A copy of the words of a command line, for use in their place.  In the original,
 * which ps shows, all of an address that may hold a password is overwritten
 * with `*`: what follows `postgres:`, `postgresql:`, `nats://` or `tls://` and
 * more slashes, wherever it stands in a word.  Comes before all else in main().
 *
 *	char **words = argv_hide(argc, argv);
 *	...
 *	free(words);    // all of it is one block; options point into it
 */
char **argv_hide(int argc, char **argv);

#endif
