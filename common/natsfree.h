#ifndef COMMON_NATSFREE_H
#define COMMON_NATSFREE_H

#include <nats/nats.h>

/*
 * Messages of the library are freed here and now, not by a thread of its own at some
 * time.  So what an import or an export has in memory does not depend on how far that
 * thread is behind.  Every message of ours ends here, and none by natsMsg_Destroy():
 *
 *	natsMsg *m = NULL;
 *
 *	if (natsdb_next(&db, sub, 1000, &m, err) > 0)
 *		...
 *	natsfree_message(m);
 *
 * Any thread; NULL is fine.
 */
void natsfree_message(natsMsg *m);

#endif
