#include "common/natsfree.h"

/*
 * natsMsg_Destroy() hands a message to a thread of the library, which frees what it
 * is given and holds nobody back.  Where all processors are busy it falls behind by
 * tens of thousands of messages, of a size that only their senders know; and waking
 * it for each costs a third of the CPU time of an import.  Nothing says how far it
 * is, so we cannot wait for it either.
 *
 * This is what that thread calls.  libnats 3.4 exports it, though no header for users
 * has it.  With one that does not the symbol stays undefined, which a weak
 * one may be, and that thread does it again.
 */
extern void natsMsg_free(void *message) __attribute__((weak));

void
natsfree_message(natsMsg *m)
{
	if (natsMsg_free)
		natsMsg_free(m);
	else
		natsMsg_Destroy(m);
}
