#include <inttypes.h>
#include <string.h>
#include <sys/statvfs.h>

#include "common/log.h"
#include "common/mem.h"
#include "common/space.h"

/* Of a folder that is not there nothing is said: who makes the file says it. */
void
space_warn(const char *path, uint64_t need_bytes)
{
	const char *slash = strrchr(path, '/');
	struct buf folder = BUF_INIT;
	struct statvfs fs;
	uint64_t room;

	buf_add(&folder, slash ? path : ".", slash ? (size_t)(slash - path) + 1 : 1);
	if (statvfs(buf_cstr(&folder), &fs) == 0) {
		room = (uint64_t)fs.f_bavail * fs.f_frsize;
		if (room < need_bytes)
			log_warning("%s: there is room for %" PRIu64
			            " bytes, and the input has %" PRIu64 ": it may not be enough",
			            path, room, need_bytes);
	}
	buf_release(&folder);
}
