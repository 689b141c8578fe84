#include <inttypes.h>
#include <stdlib.h>
#include <sys/statvfs.h>

#include "common/file.h"
#include "common/log.h"
#include "common/space.h"

/* Of a folder that is not there nothing is said: who makes the file says it. */
void
space_warn(const char *path, uint64_t need_bytes)
{
	char *folder = file_folder(path);
	struct statvfs fs;
	uint64_t room;

	if (statvfs(folder, &fs) == 0) {
		room = (uint64_t)fs.f_bavail * fs.f_frsize;
		if (room < need_bytes)
			log_warning("%s: there is room for %" PRIu64
			            " bytes, and the input has %" PRIu64 ": it may not be enough",
			            path, room, need_bytes);
	}
	free(folder);
}
