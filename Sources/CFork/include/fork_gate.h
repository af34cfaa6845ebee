/* Makes fork() safe for the child: it happens while no thread is at work inside the library, except for hits, and while no one holds one of
 * the locks that the whole process has in common.
 *
 * Why: Swift's runtime makes what it knows of types, and what a global holds, when that is first wanted, under locks of its own. A child of
 * a process in which another thread is just doing so finds such a lock held for ever. So a thread says when it is inside, and fork() waits
 * until all are out: a quarter of a second at most, for a host that forks must not be kept. A thread that comes meanwhile waits, too.
 *
 * Why in C: this has to be there as soon as the library is loaded, and may itself ask the runtime for nothing. */
#pragma once

/* The calling thread is inside until it leaves. Not twice at a time. */
void fork_gate_enter(void);
void fork_gate_leave(void);

/* fork() takes the lock, a `pthread_mutex_t`, before and lets go of it afterwards, on both sides. The lock stays for the life of the process; none of these
 * is taken while another one is held. False when there is no memory. */
_Bool fork_gate_hold(void *lock);

/* A child of fork() has something that is never readable in the place of this descriptor. Why: it shares the parent's, which it cannot read empty,
 * and an event loop there would spin. */
void fork_gate_watch(int descriptor);

/* Before the descriptor is closed. */
void fork_gate_unwatch(int descriptor);
