#include "verify/outfile.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/file.h"

int
outfile_check(const char *option, const char *path, bool replace, struct err *err)
{
	if (!*path)
		return err_set(err, ERR_USAGE, "--%s: the name is empty", option);
	if (strcmp(path, "-") == 0)
		return err_set(err, ERR_USAGE,
		               "--%s -: findings go to standard output; name a file", option);
	/* An address may hold a password, and is no name of a file: it is not repeated. */
	if (strstr(path, "://") || pgaddress_is(path)) {
		err_set(err, ERR_USAGE, "--%s %.*s:...: is an address, not a file", option,
		        (int)strcspn(path, ":"), path);
		return err_hint(err, "esimport writes into stores");
	}
	if (slice_ends(slice_str(path), ".jsonl")) {
		err_set(err, ERR_USAGE, "%s: its name says that it is bare JSON Lines", path);
		return err_hint(err, "an archive is named %s.zst", path);
	}
	return file_could_create(path, replace, err);
}

int
outfile_check_apart(const char *option, const char *path, const struct address *place,
                    struct err *err)
{
	struct stat a, b;
	int rc = -1;

	if (place->kind == ADDRESS_SQLITE || place->kind == ADDRESS_FILE)
		rc = stat(place->path, &a);
	else if (place->kind == ADDRESS_STREAM)
		rc = fstat(STDIN_FILENO, &a);
	if (rc < 0 || stat(path, &b) < 0 || a.st_dev != b.st_dev || a.st_ino != b.st_ino)
		return 0;
	return err_set(err, ERR_USAGE, "--%s %s: is one of the places that are read", option, path);
}
