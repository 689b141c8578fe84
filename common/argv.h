#ifndef COMMON_ARGV_H
#define COMMON_ARGV_H

/*
 * A copy of the words of a command line.  In the original, which ps shows, all
 * of an address that may hold a password is overwritten with `*`.  The copy
 * lives as long as the process.
 */
char **argv_hide(int argc, char **argv);

#endif
